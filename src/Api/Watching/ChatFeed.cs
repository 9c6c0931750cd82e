using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Watching;

namespace GenAI.Chats.Api.Watching;

/// <summary>
/// The events of one chat in this process. One loop reads them from the chat, and any number of watchers read them from here at their own pace. The feed holds
/// the last events up to <see cref="FeedEvents.MaxBytes"/>, once for all watchers, and never waits for a watcher.
/// </summary>
/// <param name="grainKey">The chat.</param>
/// <param name="detail">Which events the feed has.</param>
/// <param name="token">The position at which the feed begins.</param>
/// <param name="chats">Calls the chat.</param>
/// <param name="server">Tells when the server stops.</param>
/// <param name="time">The clock.</param>
internal sealed class ChatFeed(
    string grainKey, WatchChatRequest.Types.Detail detail, string token, ChatCaller chats, ServerState server, TimeProvider time) : IDisposable
{
    /// <summary>After this time without events, a watcher gets an <c>idle</c> event.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(30);

    // How long a watcher waits for the feed to come to its position, which the watcher has read itself.
    private static readonly TimeSpan MaxJoin = TimeSpan.FromMilliseconds(250);

    private readonly FeedEvents _events = new(token);
    private readonly CancellationTokenSource _unused = new();
    private int _watchers;
    private bool _closed;

    /// <summary>Adds a watcher. Returns false if the feed has ended or failed; the caller must create another one.</summary>
    public bool TryEnter()
    {
        lock (_unused)
        {
            if (_closed)
            {
                return false;
            }

            if (_watchers++ == 0)
            {
                _ = FillAsync();
            }

            return true;
        }
    }

    /// <summary>Removes a watcher. Returns true if it was the last one, which ends the feed.</summary>
    public bool Leave()
    {
        lock (_unused)
        {
            _closed |= --_watchers == 0;
            return _watchers == 0;
        }
    }

    /// <summary>Ends the loop.</summary>
    public void Dispose()
    {
        _unused.Cancel();
        _unused.Dispose();
    }

    /// <summary>Finds the place of a position in the feed, which might be about to come to it.</summary>
    /// <returns>Null if the feed doesn't have the position.</returns>
    public async ValueTask<long?> FindAsync(string position, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(position);
        var start = time.GetTimestamp();
        var searched = 0L;
        while (true)
        {
            if (_events.Find(bytes, ref searched, out var changed) is { } place)
            {
                return place;
            }

            var left = MaxJoin - time.GetElapsedTime(start);
            if (changed is null || left <= TimeSpan.Zero)
            {
                return null;
            }

            try
            {
                await changed.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return null;
            }
        }
    }

    /// <summary>Returns the events after a place. Waits for the next event if the feed has no more.</summary>
    /// <returns>Null if the feed no longer holds them: the watcher was too slow.</returns>
    /// <exception cref="Exception">The feed has failed with this exception.</exception>
    public async ValueTask<FeedRead?> ReadAsync(long place, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_events.TryRead(place, out var read, out var changed))
            {
                return read;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task FillAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_unused.Token, server.Release);
        try
        {
            var position = token;
            for (var last = time.GetTimestamp(); ;)
            {
                var request = new WatchChatRequest { Token = position, Detail = detail };
                var next = await chats.CallAsync(grainKey, c => c.WatchAsync(request, isFirst: false), over.Token);
                if (next.Events.Length > 0 || next.Token != position)
                {
                    (position, last) = (next.Token, next.Events.Length > 0 ? time.GetTimestamp() : last);
                    _events.Append(next.Events, next.Token, next.IsOver);
                }

                if (next.IsOver)
                {
                    Close();
                    return;
                }

                if (time.GetElapsedTime(last) >= IdleAfter)
                {
                    last = time.GetTimestamp();
                    _events.Append([ChatEventBytes.Idle(position)], position, isOver: false);
                }
            }
        }
        catch (Exception failure)
        {
            // The current watchers get the exception. New watchers get another feed, even if a slow watcher hasn't got the exception yet.
            Close();
            _events.Fail(server.Release.IsCancellationRequested ? RpcErrors.Stopping() : failure);
        }
    }

    private void Close()
    {
        lock (_unused)
        {
            _closed = true;
        }
    }
}
