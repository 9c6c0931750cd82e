using System.Diagnostics;

namespace GenAI.Chats.TestKit;

/// <summary>Installs packages of npm.</summary>
public static class NodePackages
{
    // The second one of two test processes waits, and finds the packages. An installation removes the packages that are in use.
    private const string Script = "[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund";

    /// <summary>Installs what the file package-lock.json of a directory names, unless it is installed.</summary>
    public static async Task InstallAsync(string directory)
    {
        var start = new ProcessStartInfo("flock", [".", "sh", "-c", Script]) { WorkingDirectory = directory, RedirectStandardOutput = true };
        using var install = Process.Start(start)!;
        await install.StandardOutput.ReadToEndAsync();
        await install.WaitForExitAsync();
        if (install.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm ended with {install.ExitCode} in {directory}.");
        }
    }
}
