using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.V1;
using Google.Rpc;
using Grpc.Core;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Api.Tests.Watching;

/// <summary>Watchers of one chat share a feed, and none waits for another.</summary>
public sealed class ChatFeedTests
{
    private readonly ScriptedChat _chat = new();

    [Fact]
    public async Task Watch_ManyWatchers_ShareTheCallsOfOne()
    {
        const int Watchers = 100;
        const int Events = 50;
        var watches = Enumerable.Range(0, Watchers).Select(_ => _chat.Watch()).ToList();
        foreach (var watch in watches)
        {
            Assert.Equal("chat0", await NextAsync(watch));
        }

        for (var i = 1; i <= Events; i++)
        {
            var nexts = watches.Select(NextAsync).ToList();
            _chat.Happen();
            Assert.All(await Task.WhenAll(nexts).InTime(), next => Assert.Equal($"+{i}", next));
        }

        Assert.InRange(_chat.Calls, 1, 2 * Events);
        await DisposeAsync(watches);
    }

    [Fact]
    public async Task Watch_OneWatcherReadsNothingForAWhile_OthersGoOnAndItGetsAll()
    {
        const int Events = 400;
        var (slow, quick) = (_chat.Watch(), _chat.Watch());
        Assert.Equal(("chat0", "chat0"), (await NextAsync(slow), await NextAsync(quick)));
        var joined = slow.MoveNextAsync().AsTask();
        var all = new List<string>();
        for (var i = 1; i <= Events; i++)
        {
            var next = NextAsync(quick);
            _chat.Happen(bytes: 10_000);
            all.Add(await next.InTime());
        }

        // Many times what a feed holds.
        Assert.Equal(Enumerable.Range(1, Events).Select(i => $"+{i}"), string.Join(' ', all).Split(' '));
        var calls = _chat.Calls;
        Assert.True(await joined.InTime());
        List<string> late = [.. Line(slow.Current).Split(' ')];
        while (late[^1] != $"+{Events}")
        {
            late.AddRange((await NextAsync(slow).InTime()).Split(' '));
        }

        Assert.Equal(Enumerable.Range(1, Events).Select(i => $"+{i}"), late);
        Assert.InRange(_chat.Calls - calls, 5, 50);

        // It shares the feed again. Two watchers that read on their own would need twice as many calls.
        const int Shared = 20;
        calls = _chat.Calls;
        for (var i = 1; i <= Shared; i++)
        {
            var both = new[] { NextAsync(slow), NextAsync(quick) };
            _chat.Happen();
            Assert.All(await Task.WhenAll(both).InTime(), next => Assert.Equal($"+{Events + i}", next));
        }

        Assert.InRange(_chat.Calls - calls, Shared - 1, Shared + 2);
        await DisposeAsync([slow, quick]);
    }

    [Fact]
    public void FeedEvents_Many_HoldsTheLastMebibyte()
    {
        var events = new FeedEvents("0");
        for (var i = 1; i <= 3000; i++)
        {
            events.Append([Engine.Watching.ChatEventBytes.Of(new ChatEvent { Token = $"{i}", Chat = new Chat { Name = new string('x', 1000) } })], $"{i}", isOver: false);
        }

        Assert.True(events.TryRead(0, out var read, out _));
        Assert.Null(read);
        var searched = 0L;
        Assert.Null(events.Find("1000"u8, ref searched, out _));
        searched = 0;
        var place = events.Find("2500"u8, ref searched, out _);
        var held = 0;
        while (events.TryRead(place!.Value, out read, out _))
        {
            held += read!.Events.Length;
            Assert.InRange(read.Events.Sum(next => next.Length), 1, 260 * 1024);
            place = read.Place;
        }

        Assert.Equal((500, "3000"), (held, System.Text.Encoding.UTF8.GetString(Engine.Watching.ChatEventBytes.Token(Last(events)))));

        // One that is larger than all is held.
        events.Append([new byte[2 * FeedEvents.MaxBytes]], "3001", isOver: false);
        Assert.True(events.TryRead(place.Value, out read, out _));
        Assert.Single(read!.Events);

        static byte[] Last(FeedEvents events) => events.TryRead(2999, out var read, out _) ? read!.Events[^1] : [];
    }

    [Fact]
    public async Task Watch_PositionThatTheFeedDoesNotHave_ReadsAloneUntilItHas()
    {
        var first = _chat.Watch();
        Assert.Equal("chat0", await NextAsync(first));
        var next = NextAsync(first);
        _chat.Diverges = true;
        var other = _chat.Watch();
        Assert.Equal("chat0", await NextAsync(other));
        var own = NextAsync(other);
        await _chat.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        _chat.Time.Advance(TimeSpan.FromSeconds(1));
        await _chat.WaitingAsync(2);
        _chat.Happen();
        Assert.Equal(("+1", "+1"), (await next.InTime(), await own.InTime()));

        _chat.Diverges = false;
        own = NextAsync(other);
        await _chat.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        _chat.Time.Advance(TimeSpan.FromSeconds(1));
        await _chat.WaitingAsync(2);
        _chat.Happen();
        Assert.Equal("+2", await own.InTime());
        await DisposeAsync([first, other]);
    }

    [Fact]
    public async Task Watch_NothingForAWhile_Idle()
    {
        var watches = new[] { _chat.Watch(), _chat.Watch(Detail.Turns) };
        foreach (var watch in watches)
        {
            Assert.Equal("chat0", await NextAsync(watch));
        }

        for (var i = 0; i < 2; i++)
        {
            var nexts = watches.Select(NextAsync).ToList();
            for (var seconds = 0; seconds < 30; seconds += 5)
            {
                Assert.All(nexts, next => Assert.False(next.IsCompleted));
                await _chat.WaitingAsync(2);
                _chat.Pass(TimeSpan.FromSeconds(5));
            }

            Assert.All(await Task.WhenAll(nexts).InTime(), next => Assert.Equal("idle", next));
            Assert.All(watches, watch => Assert.Equal("0", ChatEvent.Parser.ParseFrom(watch.Current[^1]).Token));
        }

        await DisposeAsync(watches);
    }

    [Fact]
    public async Task Watch_ChatIsDeleted_Ends()
    {
        var watches = new[] { _chat.Watch(), _chat.Watch() };
        foreach (var watch in watches)
        {
            Assert.Equal("chat0", await NextAsync(watch));
        }

        var nexts = watches.Select(NextAsync).ToList();
        _chat.Delete();

        Assert.All(await Task.WhenAll(nexts).InTime(), next => Assert.Equal("deleted", next));
        foreach (var watch in watches)
        {
            Assert.False(await watch.MoveNextAsync());
        }
    }

    [Fact]
    public async Task Watch_ServerStops_UnavailableAfterTheLastEvents()
    {
        var (behind, current) = (_chat.Watch(), _chat.Watch());
        Assert.Equal(("chat0", "chat0"), (await NextAsync(behind), await NextAsync(current)));
        var next = NextAsync(behind);
        var waits = NextAsync(current);
        _chat.Happen();
        Assert.Equal(("+1", "+1"), (await next.InTime(), await waits.InTime()));
        waits = NextAsync(current);

        await _chat.Server.ReleaseAllAsync();

        foreach (var watch in new Func<Task>[] { () => waits.InTime(), () => NextAsync(behind).InTime(), () => NextAsync(_chat.Watch()).InTime() })
        {
            var failure = await Failure.OfAsync(watch);
            Assert.Equal((StatusCode.Unavailable, "SERVER_STOPPING", TimeSpan.FromSeconds(1)), (failure.Code, failure.Reason, failure.RetryDelay));
        }
    }

    [Fact]
    public async Task Watch_FeedFails_WatchersFailAndLaterWatchersGetAnotherFeed()
    {
        var (one, other) = (_chat.Watch(), _chat.Watch());
        Assert.Equal(("chat0", "chat0"), (await NextAsync(one), await NextAsync(other)));
        var nexts = new[] { NextAsync(one), NextAsync(other) };
        await _chat.WaitingAsync(1);

        _chat.Fail(new ChatException(Code.Unavailable, "STORE_UNAVAILABLE", "scripted"));

        foreach (var next in nexts)
        {
            await Assert.ThrowsAsync<ChatException>(() => next.InTime());
        }

        _chat.Fail(null);
        var again = _chat.Watch();
        Assert.Equal("chat0", await NextAsync(again));
        var more = NextAsync(again);
        _chat.Happen();
        Assert.Equal("+1", await more.InTime());
        await DisposeAsync([again]);
    }

    [Fact]
    public async Task Watch_ClientGoes_FeedEndsWithItsLastWatcher()
    {
        using var gone = new CancellationTokenSource();
        var watch = _chat.Watch(cancellationToken: gone.Token);
        Assert.Equal("chat0", await NextAsync(watch));
        var next = NextAsync(watch);
        await _chat.WaitingAsync(1);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.InTime());

        // If the feed went on, it would call next to the feed of another watcher.
        const int Events = 400;
        var again = _chat.Watch();
        Assert.Equal("chat0", await NextAsync(again));
        var calls = _chat.Calls;
        for (var i = 1; i <= Events; i++)
        {
            next = NextAsync(again);
            _chat.Happen();
            Assert.Equal($"+{i}", await next.InTime());
        }

        Assert.InRange(_chat.Calls - calls, Events - 1, Events + 2);
        await DisposeAsync([again]);
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<byte[][]> watch) =>
        await watch.MoveNextAsync() ? Line(watch.Current) : throw new InvalidOperationException("The watch has ended.");

    private static string Line(byte[][] events) => string.Join(' ', events.Select(ChatEvent.Parser.ParseFrom).Select(e => e.EventCase switch
    {
        ChatEvent.EventOneofCase.Chat => $"chat{e.Chat.Revision}",
        ChatEvent.EventOneofCase.Accepted => $"+{e.Accepted.TurnId}",
        _ => e.EventCase.ToString().ToLowerInvariant(),
    }));

    private static async Task DisposeAsync(IEnumerable<IAsyncEnumerator<byte[][]>> watches)
    {
        // An enumerator that waits can't be disposed of.
        foreach (var watch in watches)
        {
            await watch.DisposeAsync();
        }
    }
}
