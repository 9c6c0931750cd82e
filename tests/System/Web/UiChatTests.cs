using GenAI.Chats.SystemTests.Cluster;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Web;

/// <summary>The AI SDK's chat against the server: what the page shows is what the server has.</summary>
public sealed class UiChatTests
{
    private const string Script = "tests/System/Web/ui_chat.mjs";
    private const string Kill = "KILL";
    private const string Restart = "restart";

    private static readonly string[] Steps = ["plain", "joined", "tools", "errors", "stop", "cut", "204", "resume", "branches", "edit while running", "fork", "files", Kill, "kill"];

    [Fact]
    public async Task Chat_UsedLikeAPageWould_HasWhatTheServerHas()
    {
        using var directory = new TestDirectory();
        var port = ReservedPort.Next();
        string[] settings = [$"--Api:HttpPort={port}", .. Times.Hasty];
        await using var server = await ServerProcess.StartAsync(directory.Database, settings);
        await using var client = await Programs.StartAsync(Programs.Node, Script, $"http://127.0.0.1:{port}", "all");

        await Task.WhenAny(client.LineAsync(static line => line == Kill), client.ExitAsync());
        await server.KillAsync();
        await using var next = await ServerProcess.StartAsync(directory.Database, settings);

        Assert.True(await client.ExitAsync() == 0, client.ToString());
        Assert.Equal(Steps, client.Lines);
    }

    [LongFact]
    public async Task Chat_TurnStartsOverWhileThePageReads_ShowsItOnce()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var silo = await cluster.StartSiloAsync();
        var door = await cluster.StartDoorAsync();

        // The chat is on the first silo, and the second one is ready before the first one fails.
        var chat = await door.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = Restart });
        await door.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "first" });
        await cluster.StartSiloAsync();
        await using var client = await Programs.StartAsync(Programs.Node, Script, door.Ready!.GetLeftPart(UriPartial.Authority), Restart);

        await Task.WhenAny(client.LineAsync(static line => line == Kill), client.ExitAsync());
        await silo.KillAsync();

        Assert.True(await client.ExitAsync() == 0, client.ToString());
        Assert.Equal([Kill, Restart], client.Lines);
    }
}
