using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Browser;

/// <summary>The console in a real browser, with a server that is killed while it streams.</summary>
public sealed class ConsoleTests
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
}
