using System.Diagnostics.CodeAnalysis;
using GenAI.Chats.Engine.Watching;

namespace GenAI.Chats.Api.Watching;

/// <summary>The last events of a feed, with one writer, and any number of readers on any thread. Each event has a number, its place.</summary>
/// <param name="token">The position at which the feed begins.</param>
internal sealed class FeedEvents(string token)
{
    /// <summary>The maximum size of all events, in bytes. The newest event stays whatever its size.</summary>
    public const int MaxBytes = 1024 * 1024;

    // The maximum size of what a reader gets together. A single event can be larger.
    private const int MaxBytesTogether = 256 * 1024;

    private readonly Lock _lock = new();

    // A ring: the place modulo the length is the index.
    private byte[][] _ring = new byte[16][];
    private long _first;
    private long _end;
    private long _bytes;
    private string _token = token;
    private bool _isOver;
    private Exception? _failure;
    private TaskCompletionSource? _changed;

    /// <summary>Appends events, and removes the oldest ones if there are too many.</summary>
    /// <param name="events">The events.</param>
    /// <param name="position">The position after them.</param>
    /// <param name="isOver">Whether no more events will come.</param>
    public void Append(byte[][] events, string position, bool isOver)
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            foreach (var next in events)
            {
                AppendLocked(next);
            }

            (_token, _isOver) = (position, isOver);
            changed = TakeChangedLocked();
        }

        changed?.TrySetResult();
    }

    /// <summary>Fails all waiting and future readers, when they have read the events.</summary>
    public void Fail(Exception failure)
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            _failure = failure;
            changed = TakeChangedLocked();
        }

        changed?.TrySetResult();
    }

    /// <summary>Finds the place after a position.</summary>
    /// <param name="position">The position's token in UTF-8.</param>
    /// <param name="searched">The end of the places that were searched before.</param>
    /// <param name="changed">If there is no such place yet, a task that completes with the next change. Null if none will come.</param>
    public long? Find(ReadOnlySpan<byte> position, ref long searched, out Task? changed)
    {
        changed = null;
        lock (_lock)
        {
            if (_token.Length == position.Length && Encoding.UTF8.GetString(position) == _token)
            {
                return _end;
            }

            for (var place = _end - 1; place >= Math.Max(_first, searched); place--)
            {
                if (ChatEventBytes.Token(At(place)).SequenceEqual(position))
                {
                    return place + 1;
                }
            }

            searched = _end;
            changed = _isOver || _failure is not null ? null : ChangedLocked();
            return null;
        }
    }

    /// <summary>Reads the events after a place, if any have come.</summary>
    /// <param name="place">The place.</param>
    /// <param name="read">The events. Null if they were removed.</param>
    /// <param name="changed">If no events have come yet, a task that completes with the next change.</param>
    /// <exception cref="Exception">There are no more events, and the feed has failed with this exception.</exception>
    public bool TryRead(long place, out FeedRead? read, [NotNullWhen(false)] out Task? changed)
    {
        (read, changed) = (null, null);
        lock (_lock)
        {
            if (place < _first)
            {
                return true;
            }

            if (place == _end)
            {
                if (_failure is { } failure)
                {
                    throw failure;
                }

                changed = ChangedLocked();
                return false;
            }

            var end = place;
            for (var bytes = 0; end < _end && bytes < MaxBytesTogether; end++)
            {
                bytes += At(end).Length;
            }

            var events = new byte[end - place][];
            for (var i = 0; i < events.Length; i++)
            {
                events[i] = At(place + i);
            }

            var position = end == _end ? _token : Encoding.UTF8.GetString(ChatEventBytes.Token(events[^1]));
            read = new FeedRead(events, position, end, _isOver && end == _end);
            return true;
        }
    }

    private void AppendLocked(byte[] next)
    {
        if (_end - _first == _ring.Length)
        {
            var larger = new byte[_ring.Length * 2][];
            for (var place = _first; place < _end; place++)
            {
                larger[place % larger.Length] = At(place);
            }

            _ring = larger;
        }

        _ring[_end % _ring.Length] = next;
        _end++;
        _bytes += next.Length;
        for (; _bytes > MaxBytes && _end - _first > 1; _first++)
        {
            _bytes -= At(_first).Length;
            _ring[_first % _ring.Length] = null!;
        }
    }

    private byte[] At(long place) => _ring[place % _ring.Length];

    // Continuations must not run inside the writer's call.
    private Task ChangedLocked() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private TaskCompletionSource? TakeChangedLocked()
    {
        var changed = _changed;
        _changed = null;
        return changed;
    }
}

/// <summary>Events that a watcher has read from a feed.</summary>
/// <param name="Events">The events.</param>
/// <param name="Token">The position after them.</param>
/// <param name="Place">The place after them.</param>
/// <param name="IsOver">Whether no more events will come.</param>
internal sealed record FeedRead(byte[][] Events, string Token, long Place, bool IsOver);
