using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Watching;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Tests.Watching;

/// <summary>A watch goes on after any event, on any server, at any time.</summary>
public sealed class WatchTokenTests
{
    private readonly ChatWorld _world = new();

    [Theory]
    [InlineData(Detail.Full, Detail.Full)]
    [InlineData(Detail.Turns, Detail.Turns)]
    [InlineData(Detail.Turns, Detail.Full)]
    [InlineData(Detail.Full, Detail.Turns)]
    public async Task Resume_AfterEachEvent_IsExactlyWhatCameAfter(Detail first, Detail second)
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat, first);
        await watcher.NextAsync();
        var watched = watcher.UntilAsync(5);
        await LiveAsync(chat);
        await watched;
        var all = new TestWatcher(await _world.NewServer().OpenAsync(), second, watcher.Events[0].Token);
        await all.CatchUpAsync();

        foreach (var (i, last) in watcher.Events.Index())
        {
            // Also with what has ended since in another order than when it was watched.
            var resumed = new TestWatcher(await _world.NewServer().OpenAsync(), second, last.Token);
            await resumed.CatchUpAsync();

            Assert.Equal(5, resumed.Events[0].Chat?.Revision);
            Assert.DoesNotContain(resumed.Events.Skip(1), e => e.Chat is not null);
            var seen = watcher.Events.Take(i + 1).ToList();
            var ended = seen.Where(e => e.Turn?.Event.Ended is not null).Select(e => e.Turn.TurnId).ToHashSet();
            var rest = all.Events.Where(e => e.Chat is null && !ended.Contains(e.Turn?.TurnId ?? "")).Select(Key).Except(seen.Select(Key));
            Assert.Equal(rest, resumed.Events.Skip(1).Select(Key));
        }
    }

    [Fact]
    public async Task Resume_InTheMiddleOfATurnThatRuns_GoesOn()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        var watcher = new TestWatcher(chat);
        await watcher.UntilAsync(e => e.Turn?.Event.Chunk is not null);
        call.Say("b");

        var resumed = new TestWatcher(chat, token: watcher.Token);
        await resumed.UntilAsync(e => e.Turn?.Event.Chunk is not null);

        Assert.Equal("chat0 b", resumed.ToString());
    }

    [Fact]
    public async Task Resume_ManyTurnsAndOneWithManyChunksLater_ComesInBoundedParts()
    {
        const int Turns = 200;
        var chat = await _world.NewChatAsync();
        var begun = new TestWatcher(chat);
        await begun.NextAsync();
        for (var i = 1; i <= Turns; i++)
        {
            await chat.RecordAsync(Messages.Record($"u{i}", new string('x', 5000)));
        }

        _world.Model.Answer = _ => Enumerable.Range(0, 1000).Select(i => Messages.Chunk(new string('y', 1000), i == 999 ? "STOP" : ""));
        var turn = await chat.SendAsync(new string('z', 500_000));
        await chat.EndOfAsync(turn.TurnId);
        var watcher = new TestWatcher(await _world.NewServer().OpenAsync(), token: begun.Token);

        var parts = 0;
        do
        {
            var bytes = (await watcher.NextAsync()).Sum(e => e.Accepted is null ? e.CalculateSize() : 0);
            Assert.InRange(bytes, 0, 2 * WatchBatch.MaxBytes);
            parts++;
        }
        while (!watcher.Events.Exists(e => e.Turn?.TurnId == turn.TurnId && e.Turn.Event.Ended is not null));

        Assert.InRange(parts, 4, 100);
        Assert.Equal(Turns + 1, watcher.Events.Count(e => e.Accepted is not null));
        Assert.Equal(Turns + 1, watcher.Events.Count(e => e.Turn?.Event.Ended is not null));
        Assert.Equal(Enumerable.Range(1, 1002).Select(i => (long)i), watcher.Events.Where(e => e.Turn?.TurnId == turn.TurnId).Select(e => e.Turn.Event.Offset));
    }

    [Fact]
    public async Task Resume_TurnsWereErased_TheyAreLeftOut()
    {
        var chat = await _world.NewChatAsync();
        _world.Model.Answer = _ => [Messages.Chunk("m", "STOP")];
        await chat.EndOfAsync((await chat.SendAsync("u1")).TurnId);
        var watcher = new TestWatcher(chat);
        await watcher.NextAsync();
        await chat.EndOfAsync((await chat.SendAsync("u2")).TurnId);
        await watcher.UntilAsync(e => e.Accepted is not null);
        var accepted = watcher.Events.First(e => e.Accepted is not null);
        await chat.EndOfAsync((await chat.SendAsync("u3")).TurnId);
        await chat.CallAsync(s => s.RewindAsync(new RewindChatRequest { Revision = 1, Erase = true }, CancellationToken.None));
        await chat.EndOfAsync((await chat.SendAsync("u4")).TurnId);

        foreach (var token in new[] { watcher.Events[0].Token, accepted.Token })
        {
            var resumed = new TestWatcher(await _world.NewServer().OpenAsync(), token: token);
            await resumed.CatchUpAsync();
            Assert.Equal("chat5 +u4 started m ended", resumed.ToString());
        }
    }

    [Fact]
    public async Task Resume_FailedTurnsBetween_AreTold()
    {
        var chat = await _world.NewChatAsync();
        var begun = new TestWatcher(chat);
        await begun.NextAsync();
        var failed = await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("scripted"));
        Assert.Equal(Turn.Types.State.Failed, (await chat.EndOfAsync(failed.TurnId)).State);

        var resumed = new TestWatcher(await _world.NewServer().OpenAsync(), token: begun.Token);
        await resumed.CatchUpAsync();

        Assert.Equal("chat0 +u1 started ended", resumed.ToString());
    }

    [Fact]
    public async Task Resume_OfAWatchWithoutTurns_BeginsWithThePendingTurns()
    {
        var chat = await _world.NewChatAsync();
        var watcher = new TestWatcher(chat, Detail.Chat);
        await watcher.NextAsync();
        await chat.RecordAsync(Messages.Record("u1", "m1"));
        await watcher.UntilAsync(1);
        await chat.SendAsync("u2");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        await chat.UpdateAsync(new UpdateChatRequest { Chat = new Chat { DisplayName = "new" }, UpdateMask = new FieldMask { Paths = { "display_name" } } });
        await watcher.UntilAsync(e => e.Chat?.DisplayName == "new");

        var resumed = new TestWatcher(chat, token: watcher.Events[^1].Token);
        await resumed.UntilAsync(e => e.Turn?.Event.Chunk is not null);

        Assert.Equal("chat1 +u2 started a", resumed.ToString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("!")]
    [InlineData("AAAAAAAAAAAAAAAA")]
    public Task Token_Malformed_IsRefused(string token) => RefusedAsync(token);

    // The check of a token has no secret: whoever reads this source can make one.
    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("2.1.0.0.0..")]
    [InlineData("1.x.0.0.0..")]
    [InlineData("1.1.-1.0.0..")]
    [InlineData("1.1.0.-1.0..")]
    [InlineData("1.1.0.0.-1..")]
    [InlineData("1.1.0.0.0.x.")]
    [InlineData("1.1.0.0.0.1.")]
    [InlineData("1.1.0.5.0.0.")]
    [InlineData("1.1.0.5.0.3,3.")]
    [InlineData("1.1.0.5.0.9223372036854775807,1.")]
    [InlineData("1.1.9223372036854775808.0.0..")]
    public Task Token_Forged_IsRefused(string place) => RefusedAsync(PageToken.Write(place, $"watch:{ChatWorld.Key}"));

    [Fact]
    public async Task Token_OfAnotherChat_IsRefused()
    {
        var server = _world.NewServer();
        var other = await server.OpenAsync("other");
        await other.CreateAsync(ChatWorld.Creation());
        var watcher = new TestWatcher(other);
        await watcher.NextAsync();

        await RefusedAsync(watcher.Token);
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public async Task Token_OfWhatHasNotHappened_IsRefused(int version, int revision, int sequence)
    {
        var chat = await _world.NewChatAsync();
        var record = (await _world.LoadAsync()).Chat;
        var ahead = new WatchPosition
        {
            Incarnation = record.Incarnation,
            Version = record.Version + version,
            Revision = record.Revision + revision,
            Sequence = sequence,
        };

        var failure = await Assert.ThrowsAsync<ChatException>(() => new TestWatcher(chat, token: ahead.ToToken(ChatWorld.Key)).NextAsync());

        Assert.Equal("INVALID_WATCH_TOKEN", failure.Reason);
    }

    [Fact]
    public async Task Token_ForgedWithPendingTurnsThatDoNotExist_DoesNoHarm()
    {
        var chat = await _world.NewChatAsync(Messages.User("hello"), Messages.Model("hi"));
        await chat.RecordAsync(Messages.Record("u1", "m1"));
        await chat.CallAsync(s => s.RewindAsync(new RewindChatRequest { Revision = 0 }, CancellationToken.None));
        var snapshot = await _world.LoadAsync();
        var forged = new WatchPosition
        {
            Incarnation = snapshot.Chat.Incarnation,
            Version = snapshot.Chat.Version,
            Revision = snapshot.Chat.Revision,
            Sequence = snapshot.LastSequence,
            Pending = [.. Enumerable.Range(1, (int)snapshot.LastSequence)],
            Offset = 17,
        };

        var watcher = new TestWatcher(chat, token: forged.ToToken(ChatWorld.Key));
        await watcher.CatchUpAsync();

        Assert.StartsWith("chat2", watcher.ToString(), StringComparison.Ordinal);
        Assert.Empty(WatchPosition.Parse(watcher.Token, ChatWorld.Key).Pending);
    }

    private async Task RefusedAsync(string token)
    {
        var chat = await _world.NewChatAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => new TestWatcher(chat, token: token).NextAsync());

        Assert.Equal((Code.InvalidArgument, "INVALID_WATCH_TOKEN", "token"), (failure.Code, failure.Reason, failure.Field));
    }

    // A busy while: turns that wait, one that is canceled before its turn, one that fails, a recorded one, a rewind.
    private async Task LiveAsync(TestSession chat)
    {
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        var canceled = await chat.SendAsync("u2");
        await chat.SendAsync("u3");
        await chat.RecordAsync(Messages.Record("u4", "m4"));
        await chat.SettleAsync();
        call.Say("b");
        await chat.CancelAsync(canceled.TurnId);
        call.Finish("c");
        (await _world.Model.NextCallAsync()).Finish("d");
        await WaitAsync(3);
        var failed = await chat.SendAsync("u5");
        (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException("scripted"));
        await chat.EndOfAsync(failed.TurnId);
        await chat.CallAsync(s => s.RewindAsync(new RewindChatRequest { Revision = 1 }, CancellationToken.None));
        var last = await chat.SendAsync("u6");
        (await _world.Model.NextCallAsync()).Finish("e");
        await chat.EndOfAsync(last.TurnId);

        async Task WaitAsync(long revision)
        {
            var watcher = new TestWatcher(chat, Detail.Chat);
            await watcher.UntilAsync(revision);
        }
    }

    private static string Key(ChatEvent e) => e.EventCase switch
    {
        ChatEvent.EventOneofCase.Accepted => $"+{e.Accepted.TurnId}",
        ChatEvent.EventOneofCase.Turn => $"{e.Turn}",
        _ => e.EventCase.ToString(),
    };
}
