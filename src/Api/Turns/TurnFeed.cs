using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// One turn's events in this process: one loop reads them from the chat, and any number of clients read them from here, each at its own
/// pace. It holds the turn's events once, however many clients there are, and reads on only when one of them has got all that are here.
/// </summary>
internal sealed class TurnFeed(string grainKey, string turnId, TurnReader turns) : IDisposable
{
    private readonly EventLog _log = new();
    private readonly CancellationTokenSource _unused = new();
    private TaskCompletionSource _wanted = NewWanted();
    private int _readers;
    private bool _closed;

    /// <summary>Counts a reader. False: the feed is over or has failed, and another is to be made.</summary>
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

    /// <summary>Counts a reader that goes. True: it was the last, and the feed is over.</summary>
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

    /// <summary>The turn's events after an offset, up to its last one, as they come: those that are there at once come together.</summary>
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
            // The readers get it; when there is none left, nobody does. One that is slow to fetch it must not keep it for those to come.
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
