namespace GenAI.Chats.Engine.Chunks;

/// <summary>
/// A turn's encoded events in memory, with one writer, and any number of readers on any thread. Readers see an immutable view, and returned events never change.
/// All waiting readers share one completion source, which an append completes. While no reader waits, there is none.
/// </summary>
public sealed class EventLog
{
    /// <summary>The maximum number of events that a turn's reader gets together.</summary>
    public const int MaxEventsPerRead = 256;

    /// <summary>When a turn's reader has events of this size, in bytes, it gets no more together.</summary>
    public const int MaxBytesPerRead = 256 * 1024;

    private View _view = new([], 0, Ended: false, Failure: null);
    private TaskCompletionSource? _changed;
    private Action? _forget;

    /// <summary>Gets whether the log has the last event.</summary>
    public bool Ended => Volatile.Read(ref _view).Ended;

    /// <summary>Gets the offset of the newest event. 0 if there is none.</summary>
    public long LastOffset => Volatile.Read(ref _view) is { Count: > 0 } view ? EventBytes.Offset(view.Events[view.Count - 1]) : 0;

    /// <summary>Appends an event.</summary>
    public void Append(TurnEvent next) => Append(EventBytes.Of(next));

    /// <summary>Appends an event. Its offset is greater than those of the events before it.</summary>
    /// <param name="next">The encoded event, which must not change anymore.</param>
    public void Append(byte[] next)
    {
        var view = _view;
        var events = view.Events;
        if (view.Count == events.Length)
        {
            events = new byte[Math.Max(4, view.Count * 2)][];
            Array.Copy(view.Events, events, view.Count);
        }

        // Readers of the old view use its count, so they don't see the slot.
        events[view.Count] = next;
        Publish(view with { Events = events, Count = view.Count + 1, Ended = EventBytes.Case(next) == TurnEvent.EventOneofCase.Ended });
    }

    /// <inheritdoc cref="Restart(byte[])"/>
    public void Restart(TurnEvent first) => Restart(EventBytes.Of(first));

    /// <summary>Starts over with an attempt's first event. The events before it are superseded, and no reader gets them anymore.</summary>
    public void Restart(byte[] first)
    {
        _view = new View([], 0, Ended: false, Failure: null);
        Append(first);
    }

    /// <summary>Returns the size of the events, in bytes.</summary>
    public long Bytes()
    {
        var view = Volatile.Read(ref _view);
        return view.Events.Take(view.Count).Sum(next => (long)next.Length);
    }

    /// <summary>Fails all waiting and future readers.</summary>
    public void Fail(Exception failure)
    {
        if (!_view.Ended)
        {
            Publish(_view with { Failure = failure });
        }
    }

    /// <summary>Sets what <see cref="Forget"/> does, before the last event is appended.</summary>
    internal void OnForget(Action forget) => _forget = forget;

    /// <summary>Tells the turn's process that a reader has the last event. Most turns have one reader. Another one gets the events from the store.</summary>
    public void Forget() => _forget?.Invoke();

    /// <summary>Removes the events of an ended turn from memory, even if a slow reader hasn't got them. It gets them from the store.</summary>
    internal void Drop() => Publish(new View([], 0, Ended: false, new ChatConflictException("The turn's events were removed from memory.")));

    /// <summary>Returns the current events after an offset.</summary>
    /// <exception cref="Exception">The log was failed with this exception.</exception>
    public TurnEvents After(long offset, int maxEvents, int maxBytes)
    {
        var view = Volatile.Read(ref _view);
        if (view.Failure is { } failure)
        {
            throw failure;
        }

        var first = FirstAfter(view, offset);
        var end = first;
        for (long bytes = 0; end < view.Count && end - first < maxEvents && bytes < maxBytes; end++)
        {
            bytes += view.Events[end].Length;
        }

        return new TurnEvents(view.Events[first..end], view.Ended && end == view.Count);
    }

    /// <summary>Returns events after an offset. If there are none and the turn hasn't ended, first waits for the next change.</summary>
    /// <exception cref="OperationCanceledException">The token was canceled during the wait.</exception>
    public ValueTask<TurnEvents> ReadAsync(long offset, int maxEvents, int maxBytes, CancellationToken cancellationToken)
    {
        var events = After(offset, maxEvents, maxBytes);
        if (!events.IsEmpty)
        {
            return ValueTask.FromResult(events);
        }

        // Checked again, so that an append before the wait isn't missed.
        var changed = Changed();
        events = After(offset, maxEvents, maxBytes);
        return events.IsEmpty ? WaitAsync(changed, offset, maxEvents, maxBytes, cancellationToken) : ValueTask.FromResult(events);
    }

    /// <summary>Returns a task that completes with the next change.</summary>
    public Task Changed()
    {
        if (Volatile.Read(ref _changed) is { } changed)
        {
            return changed.Task;
        }

        // Continuations must not run inside the writer's call.
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _changed, source, null) ?? source).Task;
    }

    /// <summary>Waits for the last event.</summary>
    public async Task EndedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Changed();
            var view = Volatile.Read(ref _view);
            if (view.Ended)
            {
                return;
            }

            if (view.Failure is { } failure)
            {
                throw failure;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async ValueTask<TurnEvents> WaitAsync(Task changed, long offset, int maxEvents, int maxBytes, CancellationToken cancellationToken)
    {
        await (cancellationToken.CanBeCanceled ? changed.WaitAsync(cancellationToken) : changed);
        return After(offset, maxEvents, maxBytes);
    }

    private void Publish(View view)
    {
        Volatile.Write(ref _view, view);
        Interlocked.Exchange(ref _changed, null)?.TrySetResult();
    }

    private static int FirstAfter(View view, long offset)
    {
        var low = 0;
        var high = view.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (EventBytes.Offset(view.Events[middle]) <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private sealed record View(byte[][] Events, int Count, bool Ended, Exception? Failure);
}
