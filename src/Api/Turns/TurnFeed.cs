using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// The events of one turn in this process. One loop reads them from the chat, and any number of clients read them from here at their own pace. The feed stores the
/// events once for all clients, and reads more only when a client has received all of them.
/// </summary>
internal sealed class TurnFeed(string grainKey, string turnId, TurnReader turns) : IDisposable
{
    private readonly EventLog _log = new();
    private readonly CancellationTokenSource _unused = new();
    private TaskCompletionSource _wanted = NewWanted();
    private int _readers;
    private bool _closed;

    /// <summary>Adds a reader. Returns false if the feed has ended or failed; the caller must create another one.</summary>
    public bool TryEnter()
    {
        lock (_log)
        {
            if (_closed)
            {
                return false;
            }

            if (_readers++ == 0)
            {
                _ = FillAsync(_unused.Token);
            }

            return true;
        }
    }

    /// <summary>Removes a reader. Returns true if it was the last one, which ends the feed.</summary>
    public bool Leave()
    {
        lock (_log)
        {
            _closed |= --_readers == 0;
            return _readers == 0;
        }
    }

    /// <summary>Ends the loop.</summary>
    public void Dispose()
    {
        _unused.Cancel();
        _unused.Dispose();
    }

    /// <summary>Reads the turn's events after an offset until the turn ends. Events that are available together are returned together.</summary>
    public async IAsyncEnumerable<TurnEvents> ReadAsync(
        long afterOffset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_log.LastOffset <= afterOffset)
            {
                Volatile.Read(ref _wanted).TrySetResult();
            }

            var events = await _log.ReadAsync(afterOffset, int.MaxValue, int.MaxValue, cancellationToken);
            if (events.Events.Length > 0)
            {
                yield return events;
                afterOffset = EventBytes.Offset(events.Events[^1]);
            }

            if (events.Ended)
            {
                yield break;
            }
        }
    }

    private async Task FillAsync(CancellationToken unused)
    {
        try
        {
            await foreach (var events in turns.ReadAsync(grainKey, new AcceptedTurn(turnId, ""), unused))
            {
                Append(events);
                await _wanted.Task.WaitAsync(unused);
                Volatile.Write(ref _wanted, NewWanted());
            }
        }
        catch (Exception failure)
        {
            // The current readers get the exception. New readers get another feed, even if a slow reader hasn't got the exception yet.
            lock (_log)
            {
                _closed = true;
            }

            _log.Fail(failure);
        }
    }

    private static TaskCompletionSource NewWanted() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Append(TurnEvents events)
    {
        foreach (var next in events.Events)
        {
            if (EventBytes.Case(next) == TurnEvent.EventOneofCase.Started)
            {
                _log.Restart(next);
            }
            else
            {
                _log.Append(next);
            }
        }
    }
}
