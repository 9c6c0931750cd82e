using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Tests.Watching;

/// <summary>A watcher is told what happens in a chat, in order.</summary>
public sealed class WatchTests
{
    private readonly ChatWorld _world = new();

    [Theory]
    [InlineData(Detail.Unspecified, "chat0 +u1 started a b ended chat1")]
    [InlineData(Detail.Full, "chat0 +u1 started a b ended chat1")]
    [InlineData(Detail.Turns, "chat0 +u1 started ended chat1")]
    [InlineData(Detail.Chat, "chat0 chat1")]
    public async Task Turn_WhileWatched_IsToldAsItRuns(Detail detail, string told)
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat, detail);
        await watcher.NextAsync();
        Assert.Equal(("chat0", true), (watcher.ToString(), watcher.IsCurrent));
        var watched = watcher.UntilAsync(1);

        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        await chat.SettleAsync();
        call.Finish("b");

        await watched;
        Assert.Equal(told, watcher.ToString());
    }

    [Fact]
    public async Task Turn_WhileWatched_HasTheEventsOfReadTurn()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        var turn = await chat.SendAsync("u1", requestId: "r1");
        (await _world.Model.NextCallAsync()).Finish("m1");
        await watcher.UntilAsync(1);

        var accepted = watcher.Events.Single(e => e.Accepted is not null).Accepted;
        Assert.Equal((turn.TurnId, "r1", Turn.Types.State.Queued, 0), (accepted.TurnId, accepted.RequestId, accepted.State, accepted.Attempt));
        Assert.Equal((ScriptedModel.Name, "u:u1", 0L), (accepted.Model, Messages.Line([accepted.Message]), accepted.ParentRevision));
        var events = watcher.Events.Where(e => e.Turn is not null).Select(e => e.Turn).ToList();
        Assert.All(events, e => Assert.Equal(turn.TurnId, e.TurnId));
        Assert.Equal(await chat.ReadToEndAsync(turn.TurnId), events.Select(e => e.Event));
        Assert.Equal(await chat.GetAsync(), watcher.Events[^1].Chat);
    }

    [Fact]
    public async Task Begin_TurnsArePending_TheyComeFirst()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).Finish("m1");
        var running = await chat.SendAsync("u2");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        await chat.ReadOnceAsync(running.TurnId, afterOffset: 1);
        await chat.SendAsync("u3");
        await new TestWatcher(chat).UntilAsync(e => e.Turn?.Event.Chunk is not null);
        var late = new TestWatcher(chat);

        await late.NextAsync();

        Assert.Equal(("chat1 +u2 +u3 started a", true), (late.ToString(), late.IsCurrent));
        Assert.Equal((1, 1L), (late.Events[0].Chat.QueuedTurns, late.Events[1].Accepted.ParentRevision));
        call.Finish("b");
        (await _world.Model.NextCallAsync()).Finish("c");
        await late.UntilAsync(3);
        Assert.Equal("+u2 +u3 started a b ended started c ended", late.Turns);
        Assert.Equal([1L, 2], late.Events.Where(e => e.Turn?.Event.Ended is not null).Select(e => e.Turn.Event.Ended.ParentRevision));
    }

    [Fact]
    public async Task Cancel_QueuedTurn_ItsEndIsToldWhileAnotherRuns()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        await chat.SendAsync("u3");
        await watcher.CatchUpAsync();

        await chat.CancelAsync(queued.TurnId);
        await watcher.NextAsync();

        Assert.Equal("chat0 +u1 +u2 +u3 started ended", watcher.ToString());
        Assert.Equal((queued.TurnId, Turn.Types.State.Cancelled), (watcher.Events[^1].Turn.TurnId, watcher.Events[^1].Turn.Event.Ended.State));
        call.Finish("a");
        (await _world.Model.NextCallAsync()).Finish("c");
        await watcher.UntilAsync(2);
        Assert.Equal("+u1 +u2 +u3 started ended a ended started c ended", watcher.Turns);
    }

    [Fact]
    public async Task Record_WhileWatched_IsAcceptedAndEnds()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();

        await chat.RecordAsync(Messages.Record("u1", "m1"));

        await watcher.UntilAsync(1);
        Assert.Equal("chat0 +u1 ended chat1", watcher.ToString());
    }

    [Fact]
    public async Task Update_WhileWatched_ChatIsTold()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat, Detail.Chat);
        await watcher.NextAsync();
        var next = watcher.NextAsync();

        await chat.UpdateAsync(new UpdateChatRequest { Chat = new Chat { DisplayName = "new" }, UpdateMask = new FieldMask { Paths = { "display_name" } } });

        Assert.Equal("new", Assert.Single(await next).Chat.DisplayName);
    }

    [Fact]
    public async Task Rewind_WhileWatched_ChatIsToldWithItsNewHead()
    {
        var chat = await _world.NewChatAsync();
        _world.Model.Answer = _ => [Messages.Chunk("m", "STOP")];
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        for (var i = 1; i <= 3; i++)
        {
            await chat.SendAsync($"u{i}");
            await watcher.UntilAsync(i);
        }

        await chat.CallAsync(s => s.RewindAsync(new RewindChatRequest { Revision = 1 }, CancellationToken.None));
        await watcher.UntilAsync(4);
        Assert.Equal((1L, 1L), (watcher.Events[^1].Chat.HeadRevision, watcher.Events[^1].Chat.TurnCount));

        // A turn on the new branch, and an edit.
        await chat.SendAsync("u4");
        await watcher.UntilAsync(5);
        await chat.SendAsync(new SendMessageRequest { Text = "u5", AfterRevision = 2 });
        await watcher.UntilAsync(6);
        Assert.Equal([0L, 1, 2, 1, 2], Parents(e => e.Accepted));
        Assert.Equal([0L, 1, 2, 1, 2], Parents(e => e.Turn?.Event.Ended));

        IEnumerable<long> Parents(Func<ChatEvent, Turn?> turn) => watcher.Events.Select(turn).OfType<Turn>().Select(t => t.ParentRevision);
    }

    [Fact]
    public async Task Delete_WhileWatched_IsTheLastEvent()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        var next = watcher.NextAsync();
        await chat.SettleAsync();

        await chat.DeleteAsync();

        Assert.Equal("deleted", TestWatcher.Line(await next));
        Assert.True(watcher.IsOver);

        // The same for a watch that begins later with a token.
        var gone = new TestWatcher(await server.OpenAsync(), token: watcher.Token);
        Assert.Equal("deleted", TestWatcher.Line(await gone.NextAsync()));
        var failure = await Assert.ThrowsAsync<ChatException>(async () => await new TestWatcher(await server.OpenAsync()).NextAsync());
        Assert.Equal((Code.NotFound, "CHAT_NOT_FOUND"), (failure.Code, failure.Reason));

        // And in a new chat with the same name.
        var again = await ChatWorld.NewChatAsync(server);
        Assert.Equal("deleted", TestWatcher.Line(await new TestWatcher(again, token: watcher.Token).NextAsync()));
        Assert.Equal("chat0", TestWatcher.Line(await new TestWatcher(again).NextAsync()));
    }

    [Fact]
    public async Task Expire_WhileWatched_IsToldWithTheNextComparison()
    {
        var chat = await _world.NewServer().OpenAsync();
        var creation = ChatWorld.Creation();
        creation.Ttl = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
        await chat.CreateAsync(creation);
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();

        _world.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal("deleted", TestWatcher.Line(await watcher.NextAsync()));
    }

    [Theory]
    [InlineData(Detail.Full)]
    [InlineData(Detail.Turns)]
    [InlineData(Detail.Chat)]
    public async Task Nothing_ForAWhile_CallEndsWithoutEvents(Detail detail)
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var watcher = new TestWatcher(chat, detail);
        await watcher.CatchUpAsync();
        var token = watcher.Token;
        var next = watcher.NextAsync();
        await chat.SettleAsync();
        Assert.False(next.IsCompleted);

        _world.Time.Advance(ChatSession.ReadWait);

        Assert.Empty(await next);
        Assert.Equal((token, true), (watcher.Token, watcher.IsCurrent));
    }

    [Fact]
    public async Task AnotherServer_WritesToTheStore_IsToldWithTheNextComparison()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        var other = await _world.NewServer().OpenAsync();
        _world.Model.Answer = _ => [Messages.Chunk("m1", "STOP")];
        await other.EndOfAsync((await other.SendAsync("u1")).TurnId);
        var next = watcher.NextAsync();
        await chat.SettleAsync();
        Assert.False(next.IsCompleted);

        _world.Time.Advance(ChatSession.ReadWait);

        await next;
        await watcher.UntilAsync(1);
        Assert.Equal("chat0 +u1 started m1 ended chat1", watcher.ToString());

        // A watch that begins is told at once.
        var late = new TestWatcher(await _world.NewServer().OpenAsync());
        await other.EndOfAsync((await other.SendAsync("u2")).TurnId);
        Assert.Equal("chat2", TestWatcher.Line(await late.NextAsync()));
    }

    [Fact]
    public async Task AnotherServer_TakesTheTurn_WatcherMustCallAgain()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        var watcher = new TestWatcher(chat);
        await watcher.UntilAsync(e => e.Turn?.Event.Chunk is not null);

        // As if this server were frozen.
        server.Leave();
        var other = await _world.NewServer().OpenAsync();
        var second = await _world.Model.NextCallAsync();
        var moved = new TestWatcher(other, token: watcher.Token);
        await moved.NextAsync();
        second.Finish("b");
        await moved.UntilAsync(1);
        Assert.Equal("chat0 started b ended chat1", moved.ToString());
        Assert.Equal(2, moved.Events[1].Turn.Event.Started.Attempt);

        var next = watcher.NextAsync();
        await chat.SettleAsync();
        _world.Time.Advance(ChatSession.ReadWait);
        await Assert.ThrowsAsync<ChatConflictException>(async () =>
        {
            await next;
            await watcher.NextAsync();
        });
        Assert.DoesNotContain(watcher.Events, e => e.Turn?.Event.Ended is not null);
    }

    [Fact]
    public async Task Stop_Server_WatcherMustCallAgain()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        var next = watcher.NextAsync();
        await chat.SettleAsync();

        await server.State.ReleaseAllAsync();

        await Assert.ThrowsAsync<ChatConflictException>(() => next);
    }

    [Fact]
    public async Task Store_DoesNotAnswer_EventsComeNevertheless()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var watcher = new TestWatcher(chat);
        await watcher.CatchUpAsync();
        var gate = _world.Store.HoldOnce(nameof(IChatStore.LoadAsync));
        _world.Time.Advance(ChatSession.ReadWait);
        var next = watcher.NextAsync();
        await gate.Reached;

        call.Say("a");

        Assert.Equal("a", TestWatcher.Line(await next));
        gate.Open();
        _world.Store.FailOnce(nameof(IChatStore.LoadAsync), afterwards: false);
        _world.Time.Advance(ChatSession.ReadWait);
        call.Say("b");
        Assert.Equal("b", TestWatcher.Line(await watcher.NextAsync()));
    }
}
