using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <content>Reading turns, beside those that run.</content>
internal sealed partial class ChatSession
{
    /// <summary>How long a read waits for news, at most. The grain's interface gives its reads 2 s more.</summary>
    public static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(5);

    private const int MaxEventsPerRead = 256;
    private const int MaxBytesPerRead = 256 * 1024;

    // Turns that have ended, for the readers that followed them or just replay them.
    private readonly List<EndedTurn> _ended = [];

    /// <summary>
    /// A turn's events after an offset; waits up to <see cref="ReadWait"/> where none has come and the turn has not ended.
    /// </summary>
    public async Task<TurnEvents> ReadTurnAsync(string turnId, long afterOffset)
    {
        ThrowIfOver();
        var log = await FindLogAsync(turnId);
        TurnEvents events;
        try
        {
            events = await log.ReadAsync(afterOffset, MaxEventsPerRead, MaxBytesPerRead, Server.Release);
        }
        catch (OperationCanceledException)
        {
            // What came with the last instant is not withheld: above all not a turn's end.
            events = log.After(afterOffset, MaxEventsPerRead, MaxBytesPerRead);
            if (events.Events.Length == 0 && !events.Ended)
            {
                throw ChatErrors.Stopping();
            }
        }

        if (events.Ended)
        {
            // Most turns have one reader. Another one gets them from the store.
            Forget(turn => turn.TurnId == turnId);
        }

        return events;
    }

    /// <summary>
    /// Returns a turn as the store has it, even while it runs here: this server might have been suspended, and another server might have ended the turn.
    /// </summary>
    public async Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        ThrowIfOver();
        RequireChat();
        var record = await Guarded(() => Store.FindTurnAsync(_key, turnId, cancellationToken)) ?? throw ChatErrors.TurnNotFound(turnId);
        return Views.Turn(record);
    }

    private async ValueTask<EventLog> FindLogAsync(string turnId)
    {
        RequireChat();
        if (Known(turnId) is { } known)
        {
            return known;
        }

        var record = await Guarded(() => Store.FindTurnAsync(_key, turnId, CancellationToken.None))
            ?? throw ChatErrors.TurnNotFound(turnId);
        if (Known(turnId) is { } since)
        {
            // Another reader's, or still pending as far as this session knows, which then learns of its end.
            return since;
        }

        if (record.IsPending)
        {
            // Accepted elsewhere since this session read the chat.
            await WakeAsync();
            return Known(turnId) ?? throw new ChatConflictException("The chat was written elsewhere.");
        }

        var turn = new ActiveTurn(record, _services.Time);
        Replay(turn);
        Remember(turn);
        return turn.Log;
    }

    private EventLog? Known(string turnId) => _queue.Find(turnId)?.Log ?? _services.EndedTurns.Find(_ended.Find(turn => turn.TurnId == turnId));

    private void Remember(ActiveTurn turn)
    {
        Forget(ended => ended.IsForgotten);
        _ended.Add(_services.EndedTurns.Add(turn));
    }

    // Turns that became curated: who reads them from now on is to see that.
    private void Forget(IReadOnlyList<long> closed)
    {
        if (closed.Count > 0)
        {
            Forget(turn => closed.Contains(turn.Sequence));
        }
    }

    private void Forget(Predicate<EndedTurn> which) => _ended.RemoveAll(turn =>
    {
        var forgets = which(turn);
        if (forgets)
        {
            _services.EndedTurns.Forget(turn);
        }

        return forgets;
    });

    // The events of a turn that has ended, for readers that saw none or only those of a void attempt.
    private static void Replay(ActiveTurn turn)
    {
        var first = true;
        foreach (var next in Views.Events(turn.Record))
        {
            if (first)
            {
                turn.Log.Restart(next);
                first = false;
            }
            else
            {
                turn.Log.Append(next);
            }
        }
    }

    private void NudgeReaders()
    {
        foreach (var turn in _queue.ToArray())
        {
            turn.Log.Nudge();
        }
    }
}
