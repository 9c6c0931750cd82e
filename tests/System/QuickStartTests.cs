using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests;

/// <summary>The quickstart examples continue after the server is killed while they print.</summary>
public sealed class QuickStartTests
{
    private const int MaxLines = 70;
    private const string CSharp = "dotnet";

    private static readonly string[] Printed =
    [
        "created chats/ID",
        "These", "words", "come", "one", "by", "one,", "even", "if", "the", "server", "is", "killed", "between", "them.",
        "sent twice, one turn: true",
    ];

    public static TheoryData<string> Sources =>
    [
        "python/durable_chat.py", "node/durable_chat.js", "csharp/Program.cs", "go/durable_chat.go", "java/DurableChat.java",
    ];

    [Theory]
    [InlineData(Programs.Python, "examples/python/durable_chat.py")]
    [InlineData(Programs.Node, "examples/node/durable_chat.js")]
    [InlineData(CSharp, "csharp")]
    public async Task QuickStart_ServerKilledWhileItPrints_PrintsEachWordOnce(string program, string script)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty]);
        await using var process = await StartAsync(program, script, server.Address);
        await process.LineAsync(line => line == "come");

        await server.KillAsync();
        await using var again = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty, $"--Api:GrpcPort={server.Address.Split(':')[1]}"]);

        Assert.True(await process.ExitAsync() == 0, process.ToString());
        Assert.Equal(Printed, process.Lines.Select(Readme.WithoutIds));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void QuickStart_Source_IsShort(string source) =>
        Assert.InRange(File.ReadLines(Repository.PathTo($"examples/{source}")).Count(), 1, MaxLines);

    private static Task<ChildProcess> StartAsync(string program, string script, string address) => program == CSharp
        ? Task.FromResult(ChildProcess.Start(CSharp, [Repository.QuickStartAssembly, address]))
        : Programs.StartAsync(program, script, address);
}
