using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Turns;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>How long the events of turns stay in memory that have ended.</summary>
public sealed class EndedTurnTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _server;
    private int _reads;

    public EndedTurnTests()
    {
        _server = _world.NewServer();
        _world.Store.Around = (name, call) =>
        {
            _reads += name == nameof(IChatStore.FindTurnAsync) ? 1 : 0;
            return call();
        };
    }

    private EndedTurns Turns => _server.State.EndedTurns;

    [Fact]
    public async Task Read_ToTheEnd_EventsAreForgottenAndTheNextReaderGetsThemFromTheStore()
    {
        var (chat, turn) = await EndedAsync("m1");

        var live = await chat.ReadToEndAsync(turn);

        Assert.Equal((0, 0), (Turns.Bytes, _reads));
        Assert.Equal(live, await chat.ReadToEndAsync(turn));
        Assert.Equal((0, 1), (Turns.Bytes, _reads));
    }

    [Fact]
    public async Task Read_InSeveralReads_EventsStayUntilTheLast()
    {
        var (chat, turn) = await EndedAsync([.. Enumerable.Range(0, 1000).Select(i => $"{i} ")]);
        await chat.ReadToEndAsync(turn);

        var live = await chat.ReadToEndAsync(turn);

        Assert.Equal((1002, 1), (live.Count, _reads));
    }

    [Fact]
    public async Task End_NoReaderComes_EventsAreForgottenAfterAWhile()
    {
        var (chat, turn) = await EndedAsync("m1");
        Assert.NotEqual(0, Turns.Bytes);

        _world.Time.Advance(EndedTurns.Patience / 2);
        await chat.ReadOnceAsync(turn, afterOffset: 0);
        var (_, second) = await EndedAsync("m2", chat);
        _world.Time.Advance(EndedTurns.Patience / 2);
        Assert.NotEqual(0, Turns.Bytes);
        _world.Time.Advance(EndedTurns.Patience / 2);

        Assert.Equal(0, Turns.Bytes);
        Assert.Equal("started m2 ended", Messages.Line(await chat.ReadToEndAsync(second)));
    }

    [Fact]
    public async Task End_ManyBytes_TheOldestAreForgotten()
    {
        var half = new string('x', (int)(EndedTurns.MaxBytes / 2));
        var (chat, first) = await EndedAsync(half);
        var (_, second) = await EndedAsync(half, chat);

        Assert.InRange(Turns.Bytes, 1, EndedTurns.MaxBytes);
        await chat.ReadToEndAsync(second);
        Assert.Equal(0, _reads);
        await chat.ReadToEndAsync(first);
        Assert.Equal(1, _reads);
    }

    private Task<(TestSession Chat, string TurnId)> EndedAsync(string text, TestSession? chat = null) => EndedAsync([text], chat);

    // Nobody reads the turn.
    private async Task<(TestSession Chat, string TurnId)> EndedAsync(string[] texts, TestSession? chat = null)
    {
        chat ??= await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u");
        var call = await _world.Model.NextCallAsync();
        Array.ForEach(texts[..^1], call.Say);
        call.Finish(texts[^1]);
        while (chat.IsKeptActive)
        {
            await chat.SettleAsync();
        }

        return (chat, turn.TurnId);
    }
}
