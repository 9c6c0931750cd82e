using System.Diagnostics;
using System.Reflection;

namespace GenAI.Chats.TestKit.Azurite;

/// <summary>
/// Azurite's blob service, in memory, on a port that was free. Its package is installed where it is missing. It ends with the test process at the latest,
/// however that ends.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";

    // Azurite's own, published with it.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly Lazy<Task<AzuriteServer>> SharedServer = new(() => StartNewAsync());

    private readonly Process _process;
    private int _containers;

    private AzuriteServer(Process process, string address)
    {
        _process = process;
        Address = new Uri(address);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={address}/{Account};";
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>How to reach it, as Azure's SDK has it.</summary>
    public string ConnectionString { get; }

    /// <summary>The one that all tests of the process share which do no harm to others.</summary>
    public static Task<AzuriteServer> SharedAsync() => SharedServer.Value;

    /// <summary>Starts one of the test's own.</summary>
    public static async Task<AzuriteServer> StartNewAsync()
    {
        // The shell ends the server when this process is gone.
        const string Watch = """
            "$@" </dev/null & server=$!
            trap 'kill -KILL $server' EXIT
            read -r stop
            """;
        var directory = await InstallAsync();
        var start = new ProcessStartInfo(
            "/bin/sh",
            [
                "-c", Watch, "sh", "node", Path.Combine(directory, "node_modules/azurite/dist/src/blob/main.js"),
                "--inMemoryPersistence", "--blobPort", "0", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        const string Listening = "listens on ";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(Listening, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new AzuriteServer(process, line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("Azurite did not start.");
    }

    /// <summary>The name of a container that nobody else has.</summary>
    public string NewContainer() => $"test-{Interlocked.Increment(ref _containers)}-{Guid.NewGuid():N}";

    /// <summary>Ends the server.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<string> InstallAsync()
    {
        var root = typeof(AzuriteServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "RepositoryRoot").Value!;
        var directory = Path.Combine(root, "tests/TestKit/Azurite");
        var wanted = new FileInfo(Path.Combine(directory, "package-lock.json"));
        var installed = new FileInfo(Path.Combine(directory, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < wanted.LastWriteTimeUtc)
        {
            using var install = Process.Start("npm", ["ci", "--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund"]);
            await install.WaitForExitAsync();
            if (install.ExitCode != 0)
            {
                throw new InvalidOperationException($"npm ended with {install.ExitCode}.");
            }
        }

        return directory;
    }
}
