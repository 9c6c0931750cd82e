using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>The programs that run clients.</summary>
internal static class Programs
{
    /// <summary>Debian's, as its packages reach no other.</summary>
    public const string Python = "/usr/bin/python3";

    public const string Node = "node";

    // The projects whose packages the scripts use.
    private static readonly Lazy<Task> ExamplePackages = new(() => NodePackages.InstallAsync(Repository.PathTo("examples/node")));
    private static readonly Lazy<Task> SdkPackages = new(() => NodePackages.InstallAsync(Repository.PathTo("tests/System/Sdk")));
    private static readonly Lazy<Task> BrowserPackages = new(() => NodePackages.InstallAsync(Repository.PathTo("tests/System/Browser")));
    private static readonly Lazy<Task> ContractPackages = new(() => NodePackages.InstallAsync(Repository.PathTo("tests/System/Contract")));
    private static readonly Lazy<Task> WebPackages = new(() => NodePackages.InstallAsync(Repository.PathTo("tests/System/Web")));

    /// <summary>Installs the packages that a script needs, unless they are installed. A test whose turn is running when the script starts does this first.</summary>
    public static Task PrepareAsync(string program, string script) =>
        program != Node ? Task.CompletedTask
        : script.StartsWith("tests/System/Sdk/", StringComparison.Ordinal) ? SdkPackages.Value
        : script.StartsWith("tests/System/Browser/", StringComparison.Ordinal) ? BrowserPackages.Value
        : script.StartsWith("tests/System/Web/", StringComparison.Ordinal) ? WebPackages.Value
        : ExamplePackages.Value;

    /// <summary>Starts buf, which checks contracts, in a directory with a file buf.yaml.</summary>
    public static async Task<ChildProcess> StartBufAsync(string directory, params string[] arguments)
    {
        await ContractPackages.Value;
        return ChildProcess.Start(
            "sh", ["-c", "cd \"$1\" && shift && exec \"$@\"", "sh", directory, Repository.PathTo("tests/System/Contract/node_modules/.bin/buf"), .. arguments]);
    }

    /// <summary>Runs a client's script of the repository to its end, which must be a good one, and returns what it printed.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(string program, string script, params string[] arguments)
    {
        await PrepareAsync(program, script);
        return await ChildProcess.RunAsync(program, [Repository.PathTo(script), .. arguments]);
    }

    /// <summary>Starts a client's script of the repository.</summary>
    public static async Task<ChildProcess> StartAsync(string program, string script, params string[] arguments)
    {
        await PrepareAsync(program, script);
        return ChildProcess.Start(program, [Repository.PathTo(script), .. arguments]);
    }
}
