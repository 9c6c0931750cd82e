using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Browser;

/// <summary>The page of examples/web, from its own origin, in a real browser.</summary>
public sealed class WebExampleTests
{
    private const string Kill = "KILL";

    private static readonly string[] Steps = ["plain", "reload", "regenerate", "stop", "cut", "readme", "tools", "error", Kill, "kill", "clean"];

    [LongFact]
    public async Task Page_UsedLikeAPersonWould_ContinuesAfterEverything()
    {
        await NodePackages.InstallAsync(Repository.PathTo("examples/web"));
        using var directory = new TestDirectory();
        var (port, page) = (ReservedPort.Next(), ReservedPort.Next());
        string[] settings = [$"--Api:HttpPort={port}", $"--Api:CorsOrigins:0=http://127.0.0.1:{page}", .. Times.Hasty];
        await using var server = await ServerProcess.StartAsync(directory.Database, settings);
        await using var browser = await Programs.StartAsync(Programs.Node, "tests/System/Browser/web_example.js", $"http://127.0.0.1:{port}", $"{page}");

        await Task.WhenAny(browser.LineAsync(static line => line == Kill), browser.ExitAsync());
        await server.KillAsync();
        await using var next = await ServerProcess.StartAsync(directory.Database, settings);

        Assert.True(await browser.ExitAsync() == 0, browser.ToString());
        Assert.Equal(Steps, browser.Lines);
    }
}
