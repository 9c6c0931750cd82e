using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <content>Ending turns, and stopping them early.</content>
internal sealed partial class ChatSession
{
    /// <summary>
    /// Stops a turn that is queued or running; one that has ended stays as it is. Returns when the turn has ended, and the end is durable. The stop of a
    /// running turn is durable first: the server that runs the turn gets to know it with its next heartbeat, and a server that takes the turn over ends it.
    /// </summary>
    public async Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        ActiveTurn? turn;
        using (await EnterWriteAsync())
        {
            RequireChat();
            if (_queue.Find(turnId) is null && IsPending(await GetTurnAsync(turnId, cancellationToken)))
            {
                // Accepted elsewhere since this session read the chat.
                await ReloadAsync();
            }

            turn = _queue.Find(turnId);
            if (turn is not null)
            {
                if (turn.Record is { State: TurnState.Running, Stop: TurnStop.None } running)
                {
                    await Commit(() => Store.ApplyAsync(_key, new StopStep(running.Sequence, running.TurnId, TurnStop.Cancel)));
                    turn.Record = running with { Stop = TurnStop.Cancel };
                }

                await StopAsync(turn);
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

    // In the lock, when the store has the stop of a running turn. A turn that waits ends with this; one that runs ends soon, where it runs.
    private async Task StopAsync(ActiveTurn turn)
    {
        if (turn.Record.State == TurnState.Queued)
        {
            await EndStoppedLockedAsync(turn);
        }
        else
        {
            // An earlier activation of this server may run it.
            Server.Turns.Stop(new StoppedTurn(turn.Record.TurnId, turn.Record.Stop));
        }
    }

    // A turn that doesn't run. Its last attempt, if it had one, may have handed out any number of chunks.
    private Task EndStoppedLockedAsync(ActiveTurn turn)
    {
        var outcome = new TurnOutcome { DroppedChunks = turn.Record.StartTime is null ? 0 : EventOffsets.MostAfterStart };
        return EndLockedAsync(turn, NewEnd(turn.Record, TurnState.Cancelled, recorded: false, curated: false, outcome));
    }

    private EndStep Failed(TurnRecord turn, Turn.Types.Error error) =>
        NewEnd(turn, TurnState.Failed, recorded: false, curated: false, new TurnOutcome { Error = error });

    private EndStep NewEnd(TurnRecord turn, TurnState state, bool recorded, bool curated, TurnOutcome outcome)
    {
        var now = Now;
        var bytes = turn.InputBytes + outcome.CalculateSize();
        var usage = UsageSum.Add(_chat!.TotalUsage, outcome.Usage);
        return new EndStep
        {
            Sequence = turn.Sequence,
            TurnId = turn.TurnId,
            Attempt = turn.Attempt,
            Owner = turn.Owner == Server.Owner ? turn.Owner : null,
            Stop = turn.Stop,
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
        await Commit(() => Store.ApplyAsync(_key, WithProgress(turn, step)));
        EndWith(turn, step);
    }

    // Ends the turn that ran here. Neither a store that fails for a while nor what others write meanwhile loses its output: the same end is tried again,
    // or, where the turn was stopped since, the one that follows from that. False: the turn is no longer this session's.
    private async Task<bool> EndRunningAsync(ActiveTurn turn, ModelCall call)
    {
        for (var retries = new CommitRetries(_services.Time); ; await retries.PauseAsync(Server.Release))
        {
            try
            {
                using (await EnterWriteAsync())
                {
                    if (_queue.First != turn)
                    {
                        return turn.Record.Outcome is not null;
                    }

                    if (turn.Ending is not { } step || step.Stop != turn.Record.Stop)
                    {
                        call.Conclude();
                        turn.Ending = step = WithProgress(turn, NewEnd(turn.Record, call.State, call.Recorded, call.Curated, call.Outcome));
                    }

                    await Store.ApplyAsync(_key, step);
                    EndWith(turn, step);
                    return true;
                }
            }
            catch (Exception failure) when (_over is null && ShouldRetry(failure, retries))
            {
                // What the store says then decides.
            }
        }
    }

    // Whether a commit of the turn that runs here is to be tried again. The chat is read first: the turn was stopped since, an earlier try was done, or the
    // turn is another session's now.
    private bool ShouldRetry(Exception failure, CommitRetries retries)
    {
        _outdated = true;
        switch (failure)
        {
            case ChatConflictException conflict:
                EngineLog.Conflict(_services.Log, conflict.Message);
                _services.Metrics.Conflict();
                return retries.MayFollowConflict;
            case ChatStoreException failed:
                EngineLog.StoreFailed(_services.Log, failed);
                return failed.Damage is StoreDamage.None;
            default:
                // The store failed while the chat was read.
                return failure is ChatException { Code: not Google.Rpc.Code.DataLoss };
        }
    }

    private static EndStep WithProgress(ActiveTurn turn, EndStep step) => turn.MayHaveProgress ? step with { HasProgress = true } : step;

    // The step is committed.
    private void EndWith(ActiveTurn turn, EndStep step)
    {
        EndedHere(turn, Ended(turn.Record, step));
        Advance(step.Head, turn.Record);
    }

    // The turn's end is in the store.
    private void EndedHere(ActiveTurn turn, TurnRecord ended)
    {
        turn.Record = ended;
        _queue.Remove(turn);
        _services.Metrics.Ended(_key, ended, turn.Age);
        _quota!.CountEnded(turn.Age, ended.Outcome!.Usage?.TotalTokenCount ?? 0);
        Remember(turn);
        if (turn.RunsHere)
        {
            turn.Log.Append(new TurnEvent { Offset = turn.Log.LastOffset + 1, Ended = Views.Turn(ended) });
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
        _quota!.CountStored(head.StoredBytes);
        _chat = _chat! with
        {
            Revision = head.Revision,
            TurnCount = _chat.TurnCount + (head.Recorded ? 1 : 0),
            StoredBytes = _chat.StoredBytes + head.StoredBytes,
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
