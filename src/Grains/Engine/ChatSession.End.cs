using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Storage.Records;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <content>Ending turns, and stopping them early.</content>
internal sealed partial class ChatSession
{
    /// <summary>
    /// Stops a turn that is queued or running; one that has ended stays as it is. Returns when the turn has ended, and the end is durable. One that runs
    /// on another server is let run there; only once that server is gone it is stopped.
    /// </summary>
    public async Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        ActiveTurn? turn;
        using (await _writes.EnterAsync())
        {
            ThrowIfOver();
            RequireChat();
            if (_queue.Find(turnId) is null && IsPending(await GetTurnAsync(turnId, cancellationToken)))
            {
                // Accepted elsewhere since this session read the chat.
                await ReloadAsync();
            }

            turn = _queue.Find(turnId);
            if (turn is not null)
            {
                await StopAsync(turn, StopCause.Cancelled);
            }
        }

        if (turn is { Record.IsPending: true })
        {
            await turn.Log.EndedAsync(cancellationToken);
        }

        var ended = turn is null ? await GetTurnAsync(turnId, cancellationToken) : Views.Turn(turn.Record);
        return IsPending(ended) ? throw new ChatConflictException("The chat was written elsewhere.") : ended;
    }

    private static bool IsPending(Turn turn) => turn.State is Turn.Types.State.Queued or Turn.Types.State.Running;

    // In the lock. A turn that waits ends with this; one that runs here ends by itself soon; one that runs elsewhere is not ours to end, until
    // it is taken up.
    private async Task StopAsync(ActiveTurn turn, StopCause cause)
    {
        if (turn.Record.State == TurnState.Queued)
        {
            await EndLockedAsync(turn, NewEnd(turn.Record, TurnState.Cancelled, recorded: false, curated: false, new TurnOutcome()));
        }
        else
        {
            turn.RequestStop(cause);
        }
    }

    private EndStep Failed(TurnRecord turn, Turn.Types.Error error) =>
        NewEnd(turn, TurnState.Failed, recorded: false, curated: false, new TurnOutcome { Error = error });

    private EndStep NewEnd(TurnRecord turn, TurnState state, bool recorded, bool curated, TurnOutcome outcome)
    {
        var now = Now;
        var bytes = recorded ? turn.Input.Message.CalculateSize() + outcome.Contents.Sum(c => (long)c.CalculateSize()) : 0;
        var usage = UsageSum.Add(_chat!.TotalUsage, outcome.Usage);
        return new EndStep
        {
            Sequence = turn.Sequence,
            Attempt = turn.Attempt,
            Owner = turn.Owner == Server.Owner ? turn.Owner : null,
            State = state,
            Curated = curated,
            Outcome = outcome,
            EndTime = now,
            Head = OpenOrClose(new HeadChange(_chat.Revision, recorded, bytes, usage, recorded ? now : _chat.UpdateTime), turn, curated, outcome),
        };
    }

    // Only a turn that went well changes which function calls wait: it answers them, or drops them; and its own answer may have some.
    private HeadChange OpenOrClose(HeadChange head, TurnRecord turn, bool curated, TurnOutcome outcome)
    {
        var isOpen = _chat!.OpenSequence > 0;
        if (!outcome.Open && !(curated && isOpen))
        {
            return head;
        }

        var answers = isOpen && FunctionCalls.HasResponses(turn.Input.Message);
        return outcome.Open
            ? head with { OpenSequence = answers ? null : turn.Sequence }
            : head with { OpenSequence = 0, Closes = answers ? _exchange.Sequences : [] };
    }

    private async Task EndLockedAsync(ActiveTurn turn, EndStep step)
    {
        if (turn.MayHaveProgress)
        {
            step = step with { HasProgress = true };
        }

        await Commit(() => Store.EndAsync(_key, step));
        turn.Record = Ended(turn.Record, step);
        _queue.Remove(turn);
        _services.Metrics.Ended(_key, turn.Record);
        _tenant!.Spend(step.Outcome.Usage?.TotalTokenCount ?? 0);
        _tenant.Ended(step.EndTime - turn.Record.CreateTime);
        Remember(turn);
        Advance(step.Head, turn.Record);
        if (turn.RunsHere)
        {
            turn.Log.Append(new TurnEvent { Offset = turn.Log.LastOffset + 1, Ended = Views.Turn(turn.Record) });
        }
        else
        {
            Replay(turn);
        }
    }

    private static TurnRecord Ended(TurnRecord turn, EndStep step) => turn with
    {
        State = step.State,
        Owner = null,
        Revision = step.Head.Recorded ? step.Head.Revision : 0,
        Curated = step.Curated,
        EndTime = step.EndTime,
        Outcome = step.Outcome,
    };

    // The head is in the store: what the session knows of the chat moves with it.
    private void Advance(HeadChange head, TurnRecord turn)
    {
        _tenant!.Grow(head.HistoryBytes);
        _chat = _chat! with
        {
            Revision = head.Revision,
            TurnCount = _chat.TurnCount + (head.Recorded ? 1 : 0),
            HistoryBytes = _chat.HistoryBytes + head.HistoryBytes,
            TotalUsage = head.TotalUsage,
            UpdateTime = head.UpdateTime,
            OpenSequence = head.OpenSequence ?? _chat.OpenSequence,
        };
        if (head.Recorded)
        {
            _history.Add(turn);
            _exchange.Add(_chat.OpenSequence, turn);
            Forget(head.Closes);
        }
    }
}
