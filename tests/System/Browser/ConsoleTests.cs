using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Browser;

/// <summary>The console in a real browser, with a server that is killed while it streams.</summary>
public sealed class ConsoleTests(ITestOutputHelper output)
{
    private const string Kill = "KILL";

    private static readonly string[] Steps =
        ["modules", "create", "reload", "second tab", "stop", "edit", "regenerate", "switch", "rewind", "fork", "settings", "hostile text", Kill, "kill", "turn", "accessible", "clean"];

    // So that a turn without a server is noticed soon.
    private static readonly string[] Hasty = ["--Chats:LeaseDuration=00:00:01.5", "--Chats:HeartbeatInterval=00:00:00.3", "--Chats:RecoveryInterval=00:00:00.3"];

    [Fact]
    public async Task Console_UsedLikeAPersonWould_DoesAllThatItOffers()
    {
        using var directory = new TestDirectory();
        var port = ReservedPort.Next();
        string[] settings = [$"--Api:HttpPort={port}", .. Hasty];
        await using var server = await ServerProcess.StartAsync(directory.Database, settings);
        await using var browser = await Programs.StartAsync(Programs.Node, "tests/System/Browser/console.js", $"http://127.0.0.1:{port}");

        await Task.WhenAny(browser.LineAsync(static line => line == Kill), browser.ExitAsync());
        await server.KillAsync();
        await using var next = await ServerProcess.StartAsync(directory.Database, settings);

        Assert.True(await browser.ExitAsync() == 0, browser.ToString());
        Assert.Equal(Steps, browser.Lines);
    }

    [LongFact]
    public async Task Console_ServerNeedsKeys_KeepsTheKeyInTheTab()
    {
        using var directory = new TestDirectory();
        var (own, other) = (new TestKey("own"), new TestKey("other"));
        await using var server = await ServerProcess.StartAsync(
            directory.Database, ["--Console:Enabled=true", "--Authentication:Schemes=ApiKeys", .. own.Settings(0), .. other.Settings(1)]);

        var steps = await Programs.RunAsync(
            Programs.Node, "tests/System/Browser/keys.js", server.Ready!.GetLeftPart(UriPartial.Authority), own.Key, other.Key);

        Assert.Equal(["asks", "wrong key", "key", "tab", "tenant", "removed", "clean"], steps);
    }

    [LongFact]
    public async Task Console_LongChat_LaysOutOnlyTurnsNearTheScreen()
    {
        const int FewTurns = 20;
        const int ManyTurns = 2000;
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var (shortChat, longChat) = (await RecordAsync(server, FewTurns), await RecordAsync(server, ManyTurns));

        var printed = await Programs.RunAsync(
            Programs.Node, "tests/System/Browser/long_chat.js", server.Ready!.GetLeftPart(UriPartial.Authority), shortChat, longChat, $"{ManyTurns}");

        foreach (var line in printed)
        {
            output.WriteLine(line);
        }
    }

    private static async Task<string> RecordAsync(ServerProcess server, int turns)
    {
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
        for (var i = 0; i < turns; i++)
        {
            await server.Client.RecordHistoryAsync(new RecordHistoryRequest
            {
                Name = chat.Name,
                UserInput = Text("user", $"message {i}"),
                ModelOutput = { Text("model", $"Answer {i}, with a list:\n\n- one\n- two\n\n```js\nlet i = {i};\n```\n") },
                IsValid = true,
            });
        }

        return chat.Name;
    }

    private static Content Text(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };
}
