using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Servers that host chats and are front doors: each of them answers for all.</summary>
public sealed class ServersTests
{
    [LongTheory]
    [InlineData("Distributed")]
    [InlineData("Default")]
    public async Task Servers_ChatOnEither_IsReadAndSentToThroughBoth(string directory)
    {
        await using var cluster = await TestCluster.CreateAsync();
        ServerProcess[] servers = [await cluster.StartServerAsync($"--Orleans:Directory={directory}"), await cluster.StartServerAsync($"--Orleans:Directory={directory}")];

        for (var i = 0; i < 4; i++)
        {
            var (here, there) = (servers[i % 2], servers[(i + 1) % 2]);
            var name = await Scene.CreateChatAsync(here);
            var send = Scene.Send(name, "send", words: 6, pauseMilliseconds: 30);
            using var stream = here.Client.SendMessageStream(send, cancellationToken: TimeLimit.Token);
            var started = await Echo.NextAsync(stream);
            var elsewhere = Echo.AllAsync(there.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = started.Started.TurnId }));
            List<TurnEvent> events = [started, .. await Echo.AllAsync(stream)];

            Assert.Equal(events, await elsewhere);
            Assert.Equal((send.Text, 1), (string.Concat(Echo.WordsOf(events)), events[^1].Ended.Attempt));
            var second = await there.Client.SendMessageAsync(Scene.Send(name, "again", words: 2, pauseMilliseconds: 1));
            Assert.Equal(2, second.Turn.Revision);
        }
    }
}
