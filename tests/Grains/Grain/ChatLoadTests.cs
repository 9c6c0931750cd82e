using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Many callers, many chats.</summary>
public sealed class ChatLoadTests : IClassFixture<ChatCluster>
{
    private readonly ChatCluster _cluster;

    public ChatLoadTests(ChatCluster cluster)
    {
        _cluster = cluster;
        _cluster.Model.Answer = request => [Messages.Chunk("re: "), Messages.Chunk(request.Contents[0].Parts[0].Text, "STOP")];
    }

    [Fact]
    public async Task SendAsync_FiftyAtOnce_EachIsAnsweredInOneOrder()
    {
        const int Sends = 50;
        var chat = await _cluster.NewChatAsync();
        await _cluster.DeactivateAsync(chat);
        var opened = 0;
        var key = ChatKey.Parse(chat.GetPrimaryKeyString());
        _cluster.Store.Around = (name, call) =>
        {
            Interlocked.Add(ref opened, name == nameof(IChatStore.LoadAsync) ? 1 : 0);
            return call();
        };

        var ended = await Task.WhenAll(Enumerable.Range(0, Sends).Select(async i =>
        {
            var turn = await chat.SendAsync($"u{i}");
            return (Text: $"u{i}", Turn: await chat.EndOfAsync(turn.TurnId));
        }));

        _cluster.Store.Around = null;
        Assert.Equal(1, opened);
        Assert.All(ended, e => Assert.Equal((Turn.Types.State.Completed, 1), (e.Turn.State, e.Turn.Attempt)));
        var inOrder = ended.OrderBy(e => e.Turn.Revision).ToList();
        Assert.Equal(Enumerable.Range(1, Sends).Select(i => (long)i), inOrder.Select(e => e.Turn.Revision));
        Assert.Equal(string.Join(' ', inOrder.Select(e => $"u:{e.Text} m:re: {e.Text}")), await chat.HistoryAsync(curated: true));
        Assert.Equal(Sends, (await _cluster.Store.LoadAsync(key, CancellationToken.None))!.Chat.TurnCount);
    }

    [Fact]
    public async Task SendAsync_ThousandChatsTenSendsEach_AllAreCompleted()
    {
        const int Chats = 1000;
        const int Sends = 10;

        await Parallel.ForAsync(0, Chats, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) =>
        {
            var chat = _cluster.Grains.GetGrain<IChatGrain>($"load/chat-{i}");
            await chat.CreateAsync(new CreateChatRequest { Model = ScriptedModel.Name });
            var turns = new List<AcceptedTurn>();
            for (var send = 0; send < Sends; send++)
            {
                turns.Add(await chat.SendAsync($"{i}.{send}"));
            }

            Assert.Equal(Sends, (await chat.EndOfAsync(turns[^1].TurnId)).Revision);
            var expected = Enumerable.Range(0, Sends).Select(send => $"u:{i}.{send} m:re: {i}.{send}");
            Assert.Equal(string.Join(' ', expected), await chat.HistoryAsync(curated: true));
        });
    }
}
