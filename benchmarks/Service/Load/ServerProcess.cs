using System.Diagnostics;

namespace GenAI.Chats.Bench.Load;

/// <summary>A server in a process of its own, from its first line "gRPC on ADDRESS" to its end.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Greeting = "gRPC on ";
    private readonly Process _process;

    private ServerProcess(Process process, string address)
    {
        _process = process;
        Address = $"http://{address}";
    }

    public string Address { get; }

    /// <summary>Processor time that the process has used, on all cores.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that the process has in use, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<ServerProcess> StartAsync(string dll, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = Path.GetDirectoryName(dll)! };
        start.ArgumentList.Add(dll);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Greeting, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new ServerProcess(process, line[Greeting.Length..].Split(',')[0]);
            }
        }

        throw new InvalidOperationException($"{Path.GetFileName(dll)} ended before it listened, with exit code {process.ExitCode}.");
    }

    /// <summary>Ends the process as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
