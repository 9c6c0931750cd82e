using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests;

/// <summary>The quickstart examples continue after the server is killed while they print. ProxyTests runs them in each run, behind proxies.</summary>
public sealed class QuickStartTests
{
    private const int MaxLines = 125;

    public static TheoryData<string> Languages => [.. QuickStarts.Languages];

    public static TheoryData<string> Sources =>
    [
        "python/durable_chat.py", "node/durable_chat.js", "csharp/Program.cs", "go/durable_chat.go", "go/stream.go",
        "java/src/main/java/DurableChat.java",
    ];

    [LongTheory]
    [MemberData(nameof(Languages))]
    public async Task QuickStart_ServerKilledWhileItPrints_PrintsEachWordOnce(string language)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty]);
        await using var process = await QuickStarts.StartAsync(language, server.Address);
        await process.LineAsync(line => line == "come");

        await server.KillAsync();
        await using var again = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty, $"--Api:GrpcPort={server.Address.Split(':')[1]}"]);

        Assert.True(await process.ExitAsync() == 0, process.ToString());
        Assert.Equal(QuickStarts.Output, process.Lines.Select(Readme.WithoutIds));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void QuickStart_Source_IsShort(string source) =>
        Assert.InRange(File.ReadLines(Repository.PathTo($"examples/{source}")).Count(), 1, MaxLines);
}
