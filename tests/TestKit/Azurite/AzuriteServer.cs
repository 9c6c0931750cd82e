using System.Diagnostics;
using System.Reflection;

namespace GenAI.Chats.TestKit.Azurite;

/// <summary>
/// Azurite's blob and table services, in memory, on free ports. Its package is installed if it's missing. The server ends with the test process at the latest,
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

    private AzuriteServer(Process process, string blobs, string tables)
    {
        _process = process;
        Address = new Uri(blobs);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={blobs}/{Account};";
        TableConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};TableEndpoint={tables}/{Account};";
    }

    /// <summary>The address of the blob service.</summary>
    public Uri Address { get; }

    /// <summary>The connection string of the blob service, as Azure's SDK reads it.</summary>
    public string ConnectionString { get; }

    /// <summary>The connection string of the table service, as Azure's SDK reads it.</summary>
    public string TableConnectionString { get; }

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
                "-c", Watch, "sh", "node", "--require", Path.Combine(directory, "no-collection.js"), Path.Combine(directory, "node_modules/azurite/dist/src/azurite.js"),
                "--inMemoryPersistence", "--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        string? blobs = null;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            blobs ??= AddressIn(line, "Blob");
            if (AddressIn(line, "Table") is { } tables)
            {
                // The last of the services to start.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new AzuriteServer(process, blobs!, tables);
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

    private static string? AddressIn(string line, string service)
    {
        var start = $"Azurite {service} service is successfully listening at ";
        return line.StartsWith(start, StringComparison.Ordinal) ? line[start.Length..].Trim() : null;
    }

    private static async Task<string> InstallAsync()
    {
        var root = typeof(AzuriteServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "RepositoryRoot").Value!;
        var directory = Path.Combine(root, "tests/TestKit/Azurite");
        await NodePackages.InstallAsync(directory);
        return directory;
    }
}
