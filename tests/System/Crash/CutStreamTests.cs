using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A stream that was cut anywhere is picked up where it was cut.</summary>
public sealed class CutStreamTests
{
    private const int Chunks = 20;

    // Started, the chunks, ended.
    private const int Events = Chunks + 2;

    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ReadTurn_StreamCutAtEveryOffset_GoesOnWithoutGapOrDouble(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync();
        var cuts = await Task.WhenAll(Enumerable.Range(0, Events + 1).Select(offset => CutAsync(server, offset)));

        Assert.All(cuts, cut => AssertWhole(cut.Send, cut.Before, cut.After));

        await server.KillAsync();
        server = await scene.StartAsync();
        foreach (var (send, before, after) in cuts)
        {
            var turnId = before.Concat(after).Last().Ended.TurnId;
            var again = await ReadAsync(server, send, turnId, before.Count);
            AssertWhole(send, before, again);
            Assert.Equal(after, again);
        }
    }

    private static async Task<(SendMessageRequest Send, List<TurnEvent> Before, List<TurnEvent> After)> CutAsync(ServerProcess server, int offset)
    {
        var send = Scene.Send(await Scene.CreateChatAsync(server), $"cut-{offset}", Chunks, pauseMilliseconds: 10);
        var before = new List<TurnEvent>();
        string turnId;
        using (var stream = server.Client.SendMessageStream(send))
        {
            turnId = (await stream.ResponseHeadersAsync).GetValue("turn-id")!;
            while (before.Count < offset)
            {
                before.Add(await Echo.NextAsync(stream));
            }
        }

        return (send, before, await ReadAsync(server, send, turnId, offset));
    }

    private static Task<List<TurnEvent>> ReadAsync(ServerProcess server, SendMessageRequest send, string turnId, int afterOffset) =>
        Echo.AllAsync(server.Client.ReadTurn(new ReadTurnRequest { Name = send.Name, TurnId = turnId, AfterOffset = afterOffset }));

    private static void AssertWhole(SendMessageRequest send, List<TurnEvent> before, List<TurnEvent> after)
    {
        var events = before.Concat(after).ToList();
        Assert.Equal(Enumerable.Range(1, Events).Select(i => (long)i), events.Select(e => e.Offset));
        Assert.Equal(send.Text, string.Concat(Echo.WordsOf(events)));
        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
    }
}
