using System.Diagnostics;
using System.Globalization;

namespace GenAI.Chats.Bench.Load;

/// <summary>A server or a silo in a process of its own, from its first line "gRPC on ADDRESS" or "Silo on ADDRESS" to its end.</summary>
internal sealed class ServerProcess : IMeasured, IAsyncDisposable
{
    private static readonly string[] Greetings = ["gRPC on ", "Silo on "];
    private readonly Process _process;

    private ServerProcess(Process process, string address, Probe probe)
    {
        _process = process;
        Address = $"http://{address}";
        Probe = probe;
    }

    public string Address { get; }

    public IReadOnlyList<string> Addresses => [Address];

    /// <summary>What the process says of its memory.</summary>
    public Probe Probe { get; }

    /// <summary>Processor time that the process has used, on all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory that the process occupies.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public ServerUse Use => new(ProcessorTime, Probe.AllocatedBytes, Switches, Probe.CompiledMethods);

    /// <summary>Bytes that the process has had written to disks.</summary>
    public long WrittenBytes => Line($"/proc/{_process.Id}/io", "write_bytes:");

    // Threads that have ended are missing. Servers keep theirs while they are busy.
    private long Switches => Directory.GetDirectories($"/proc/{_process.Id}/task").Sum(thread =>
    {
        try
        {
            return Line(Path.Combine(thread, "status"), "voluntary_ctxt_switches:");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    });

    public static async Task<ServerProcess> StartAsync(string dll, string directory, params string[] arguments)
    {
        var socket = Path.Combine(directory, $"{Guid.NewGuid():N}.sock");
        var start = new ProcessStartInfo("dotnet", [dll, .. arguments])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(dll)!,
            Environment =
            {
                ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "GenAI.Chats.Bench.Probe.dll"),
                ["CHATS_BENCH_PROBE"] = socket,
            },
        };
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Array.Find(Greetings, greeting => line.StartsWith(greeting, StringComparison.Ordinal)) is { } greeting)
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new ServerProcess(process, line[greeting.Length..].Split(',')[0], Probe.Connect(socket));
            }
        }

        await process.WaitForExitAsync();
        throw new InvalidOperationException($"{Path.GetFileName(dll)} ended before it listened, with exit code {process.ExitCode}.");
    }

    /// <summary>Ends the process as a crash does.</summary>
    public async ValueTask DisposeAsync()
    {
        Probe.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static long Line(string file, string name) => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan(name.Length), CultureInfo.InvariantCulture))
        .Single();
}
