namespace GenAI.Chats.SystemTests.Support;

/// <summary>The quickstart example in each language. All of them print the same.</summary>
internal static class QuickStarts
{
    public const string CSharp = "csharp";
    public const string Go = "go";
    public const string Java = "java";
    public const string Node = "node";
    public const string Python = "python";

    /// <summary>The message that is sent first.</summary>
    public const string Text = "These words come one by one, even if the server is killed between them.";

    /// <summary>The languages.</summary>
    public static readonly IReadOnlyList<string> Languages = [CSharp, Go, Java, Node, Python];

    /// <summary>The output, without IDs.</summary>
    public static readonly IReadOnlyList<string> Output = ["created chats/ID", .. Text.Split(' '), "sent twice, one turn: true"];

    private static readonly Lazy<Task<string>> GoProgram = new(() => CompileAsync(Go));
    private static readonly Lazy<Task<string>> JavaProgram = new(() => CompileAsync(Java));

    /// <summary>Starts the example against the service at an address.</summary>
    public static async Task<ChildProcess> StartAsync(string language, string address) => language switch
    {
        CSharp => ChildProcess.Start("dotnet", [Repository.QuickStartAssembly, address]),
        Go => ChildProcess.Start(await GoProgram.Value, [address]),
        Java => ChildProcess.Start(await JavaProgram.Value, [address]),
        Node => await Programs.StartAsync(Programs.Node, "examples/node/durable_chat.js", address),
        _ => await Programs.StartAsync(Programs.Python, "examples/python/durable_chat.py", address),
    };

    // The packages of the registries of Go and Java aren't reachable everywhere; Debian's are.
    private static async Task<string> CompileAsync(string language)
    {
        var directory = Repository.PathTo($"artifacts/examples/{language}");
        await ChildProcess.RunAsync(Repository.PathTo("tests/System/Clients/compile.sh"), [language, directory]);
        return Path.Combine(directory, "durable_chat");
    }
}
