using GenAI.Chats.SystemTests.Support;

namespace GenAI.Chats.SystemTests.Web;

/// <summary>The AI SDK's chat against the server: what the page shows is what the server has.</summary>
public sealed class UiChatTests
{
    [Fact]
    public async Task Chat_UsedLikeAPageWould_HasWhatTheServerHas()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);

        var steps = await Programs.RunAsync(Programs.Node, "tests/System/Web/ui_chat.mjs", server.Ready!.GetLeftPart(UriPartial.Authority));

        Assert.Equal(["plain", "joined", "tools", "errors"], steps);
    }
}
