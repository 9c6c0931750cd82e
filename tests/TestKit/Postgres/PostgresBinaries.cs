using System.Diagnostics;
using System.Globalization;

namespace GenAI.Chats.TestKit.Postgres;

/// <summary>Finds what Debian's package <c>postgresql</c> installs, and runs it as a user that Postgres accepts: it refuses root.</summary>
internal static class PostgresBinaries
{
    private const string Root = "/usr/lib/postgresql";

    /// <summary>The server's superuser.</summary>
    public const string User = "chats";

    /// <summary>Makes a directory with an empty database cluster.</summary>
    public static async Task<string> CreateDataAsync()
    {
        var initdb = Find("initdb");
        var directory = Directory.CreateTempSubdirectory("postgres-").FullName;
        if (IsRoot)
        {
            await RunAsync("chown", Account, directory);
        }

        await RunAsync([.. Prefix, initdb, "--no-sync", "-A", "trust", "-E", "UTF8", "--locale=C", "-U", User, "-D", Data(directory)]);
        return directory;
    }

    /// <summary>The command that runs a server on a directory, in the foreground.</summary>
    public static string[] ServerCommand(string directory, string[] settings) =>
    [
        .. Prefix, Find("postgres"), "-D", Data(directory), "-k", directory, "-c", "listen_addresses=", "-c", "max_connections=300",
        .. settings.SelectMany(setting => new[] { "-c", setting }),
    ];

    private static bool IsRoot => Environment.UserName == "root";

    // The package makes this account; another server's data is not where this one goes.
    private static string Account => "postgres";

    private static string[] Prefix => IsRoot ? ["setpriv", "--reuid", Account, "--regid", Account, "--clear-groups"] : [];

    private static string Data(string directory) => Path.Combine(directory, "data");

    private static string Find(string name)
    {
        var versions = Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
        return versions
                .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(path => Path.Combine(path, "bin", name))
                .FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"There is no {Root}/*/bin/{name}: these tests need Debian's package postgresql (apt-get install postgresql).");
    }

    private static async Task RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} failed: {errors}");
        }
    }
}
