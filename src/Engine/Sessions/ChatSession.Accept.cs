using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <content>Accepting turns: request ids, revisions, busy policies, limits.</content>
internal sealed partial class ChatSession
{
    /// <summary>
    /// Puts a turn into the chat's log. When this returns the turn is durable, and will end whatever happens to the caller, this process or this machine.
    /// A request id that the log has already gives its turn.
    /// </summary>
    /// <exception cref="ChatException">The request cannot be served; nothing was done.</exception>
    /// <exception cref="ChatConflictException">Try again, with a new activation.</exception>
    public async Task<AcceptedTurn> AcceptAsync(TurnRequest request)
    {
        ThrowIfOver();

        // Before the lock, as the tenant's part in this process may have to be asked for. Retries do not need one, and give it back.
        using var permit = await _quota!.AcquireAsync(request.Input.CalculateSize());
        using (await EnterWriteAsync())
        {
            RequireChat();
            if (request.RequestId.Length > 0 && _queue.FindRequest(request.RequestId) is { } running)
            {
                return await JoinAsync(running.Record, request);
            }

            var notAdmitted = Server.Slots.Rejection() ?? permit.Rejection;
            if (notAdmitted is not null || await RefusalAsync(request) is not null)
            {
                // A retry of a turn that the log has gets that turn, and not the refusal of a second one.
                if (await FindEarlierAsync(request) is { } earlier)
                {
                    return await JoinAsync(earlier, request);
                }

                if (notAdmitted is not null)
                {
                    throw Rejected(notAdmitted);
                }

                // Nor is a send refused for what another server has changed since.
                await ReloadAsync();
                RequireChat();
                if (await RefusalAsync(request) is { } refusal)
                {
                    throw refusal;
                }
            }

            return await AppendAsync(request, permit);
        }
    }

    private async Task<TurnRecord?> FindEarlierAsync(TurnRequest request)
    {
        if (request.RequestId.Length == 0)
        {
            return null;
        }

        var earlier = await Guarded(() => Store.FindRequestAsync(_key, request.RequestId, CancellationToken.None));
        return earlier is null || RunsAnew(earlier) ? null : earlier;
    }

    private async Task<AcceptedTurn> AppendAsync(TurnRequest request, TurnPermit permit)
    {
        request.Input.TraceParent = ChatTracing.Accepting;
        var starts = _queue.Count == 0 && request.Input.Recorded is null && Server.Slots.TryEnter();
        string? replaces = null;
        while (true)
        {
            var step = await NewStepAsync(request, starts, replaces);
            bool isCurrent;
            TurnRecord? earlier;
            try
            {
                (isCurrent, earlier) = await Commit(() => TryAcceptAsync(step), starts ? step.Turn : null);
            }
            catch
            {
                LeaveIf(starts);
                throw;
            }

            if (!isCurrent)
            {
                continue;
            }

            if (earlier is null)
            {
                permit.Use();
                await AppendedAsync(step, starts, permit);
                return new AcceptedTurn(step.Turn.TurnId, step.Turn.RequestId, Ready(step.Turn.TurnId));
            }

            if (!RunsAnew(earlier) || !Matches(earlier, request))
            {
                LeaveIf(starts);
                return await JoinAsync(earlier, request);
            }

            replaces = earlier.TurnId;
        }
    }

    // Others may append to the chat while a turn runs here. That is no reason to stop it: what they wrote is read, and the step is made anew.
    private async Task<(bool IsCurrent, TurnRecord? Earlier)> TryAcceptAsync(AcceptStep step)
    {
        try
        {
            return (true, (await Store.ApplyAsync(_key, step)).ExistingTurn);
        }
        catch (ChatConflictException) when (_over is null && _queue.First is { RunsHere: true })
        {
            var (sequence, version) = (_lastSequence, _chat!.Version);
            await ReloadAsync();
            if ((sequence, version) == (_lastSequence, RequireChat().Version))
            {
                throw;
            }

            return (false, null);
        }
    }

    private async ValueTask<AcceptStep> NewStepAsync(TurnRequest request, bool starts, string? replaces)
    {
        var now = Now;
        var turn = new TurnRecord
        {
            Sequence = _lastSequence + 1,
            TurnId = Guid.CreateVersion7(now).ToString("N"),
            RequestId = request.RequestId.Length > 0 ? request.RequestId : Guid.CreateVersion7(now).ToString("N"),
            RequestHash = request.Hash,
            State = TurnState.Queued,
            CreateTime = now,
            Input = request.Input,
            InputBytes = request.Input.CalculateSize(),
        };
        HeadChange? head = null;
        if (starts)
        {
            turn = turn with { State = TurnState.Running, Attempt = 1, Owner = Server.Owner, StartTime = now };
        }
        else if (_queue.Count == 0 && request.Input.Recorded is { } recorded)
        {
            var end = await RecordedEndAsync(turn, recorded);
            head = end.Head;
            turn = Ended(turn, end);
        }

        return new AcceptStep
        {
            Turn = turn,
            Version = _chat!.Version,
            ExpectedRevision = starts || head is not null ? _chat.Revision : null,
            Replaces = replaces,
            Head = head,
            StopsOthers = StopOf(request.OnBusy),
        };
    }

    // The commit is done: from here on nothing fails but by ending the session.
    private async Task AppendedAsync(AcceptStep step, bool starts, TurnPermit permit)
    {
        _lastSequence = step.Turn.Sequence;
        ChatTracing.Accepted(step.Turn);
        if (step.Head is { } head)
        {
            Advance(head, step.Turn);
            return;
        }

        if (_over is not null)
        {
            // The activation ended while the commit was under way: the turn is the next one's.
            LeaveIf(starts);
            Orphan(starts ? step.Turn : null);
            return;
        }

        var before = _queue.ToArray();
        var turn = new ActiveTurn(step.Turn, _services.Time);
        _queue.Add(turn, permit);
        if (!starts)
        {
            turn.Wait();
        }
        else
        {
            turn.Begin(step.Turn);
            _services.Metrics.Started(_key, turn.Age, isRecovery: false, ownerWasGone: false);
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            // The last first, so that none of them starts meanwhile. The store has their stops: what this session doesn't get to do, the next one does.
            foreach (var one in before.Reverse())
            {
                one.Record = one.Record with { Stop = step.StopsOthers > one.Record.Stop ? step.StopsOthers : one.Record.Stop };
                await StopAsync(one);
            }
        }

        RunPending();
    }

    private static TurnStop StopOf(BusyPolicy onBusy) => onBusy switch
    {
        BusyPolicy.Interrupt => TurnStop.Cancel,
        BusyPolicy.Rollback => TurnStop.RollBack,
        _ => TurnStop.None,
    };

    // A model that answers at once has done so by now.
    private TurnEvents Ready(string turnId) =>
        _over is null && _queue.Find(turnId) is { RunsHere: true } turn
            ? turn.Log.After(0, MaxEventsPerRead, MaxBytesPerRead)
            : new TurnEvents([], Ended: false);

    private async ValueTask<ChatException?> RefusalAsync(TurnRequest request)
    {
        if (Refusal(request) is { } refusal)
        {
            return refusal;
        }

        // Behind other turns it is not known yet which function calls there will be to answer.
        return _queue.Count == 0 && request.AnswersCalls ? await MismatchAsync(request.Input) : null;
    }

    private ChatException? Refusal(TurnRequest request)
    {
        var chat = _chat!;
        if (request.ExpectedRevision is { } expected && expected != chat.Revision)
        {
            return ChatErrors.RevisionMismatch(expected, chat.Revision);
        }

        if (chat.TurnCount + _queue.Count >= Options.MaxTurns)
        {
            return ChatErrors.TooManyTurns(Options.MaxTurns);
        }

        if (chat.StoredBytes + _queue.InputBytes + request.Input.CalculateSize() > Options.MaxHistoryBytes)
        {
            return ChatErrors.HistoryTooLarge(Options.MaxHistoryBytes);
        }

        if (_queue.Count == 0)
        {
            return null;
        }

        return request.OnBusy switch
        {
            BusyPolicy.Reject => ChatErrors.Busy(),
            BusyPolicy.Interrupt or BusyPolicy.Rollback => null,
            _ when _queue.Waiting >= Options.MaxQueuedTurns => ChatErrors.QueueFull(Options.MaxQueuedTurns),
            _ => _queue.WaitingBytes + request.Input.CalculateSize() > Options.MaxQueuedBytes ? ChatErrors.QueueFull(Options.MaxQueuedBytes) : null,
        };
    }

    private async Task<AcceptedTurn> JoinAsync(TurnRecord earlier, TurnRequest request)
    {
        if (!Matches(earlier, request))
        {
            throw ChatErrors.RequestIdReused();
        }

        ChatTracing.Join(earlier);
        if (earlier.IsPending && _queue.Find(earlier.TurnId) is null)
        {
            // Accepted elsewhere since this session read the chat.
            await ReloadAsync();
        }

        return new AcceptedTurn(earlier.TurnId, earlier.RequestId);
    }

    private static bool Matches(TurnRecord earlier, TurnRequest request) => earlier.RequestHash.Span.SequenceEqual(request.Hash);

    // A failed turn that left nothing behind may be tried again under its request id.
    private static bool RunsAnew(TurnRecord earlier) => earlier.State == TurnState.Failed && earlier.Revision == 0;

    private void LeaveIf(bool entered)
    {
        if (entered)
        {
            Server.Slots.Leave();
        }
    }

    private async ValueTask<ChatException?> MismatchAsync(TurnInput input)
    {
        var mismatch = (await ReadCallsAsync()).Answer(input.Message);
        return mismatch is { } reason ? ChatErrors.FunctionResponseMismatch(TurnRequest.MessageField(input), reason) : null;
    }

    private async ValueTask<OpenCalls> ReadCallsAsync()
    {
        await Guarded(async () =>
        {
            await _exchange.ReadAsync(_chat!.OpenSequence, CancellationToken.None);
            return true;
        });
        return _exchange.Calls();
    }

    private async ValueTask<EndStep> RecordedEndAsync(TurnRecord turn, TurnInput.Types.Recorded recorded)
    {
        if (turn.Input.HasExpectedRevision && turn.Input.ExpectedRevision != _chat!.Revision)
        {
            return Failed(turn, TurnErrors.From(ChatErrors.RevisionMismatch(turn.Input.ExpectedRevision, _chat.Revision)));
        }

        var calls = new OpenCalls();
        if (FunctionCalls.HasResponses(turn.Input.Message))
        {
            calls = await ReadCallsAsync();
            if (calls.Answer(turn.Input.Message) is { } mismatch)
            {
                return Failed(turn, TurnErrors.From(ChatErrors.FunctionResponseMismatch(TurnRequest.MessageField(turn.Input), mismatch)));
            }
        }

        var outcome = new TurnOutcome();
        outcome.Contents.Add(recorded.Output);
        if (outcome.Contents.Count == 0)
        {
            outcome.Contents.Add(new Content { Role = Curation.Model });
        }

        var valid = recorded.IsValid && outcome.Contents.All(Curation.IsValid) && outcome.Contents.All(calls.Add);
        outcome.Open = valid && calls.Count > 0;
        return NewEnd(turn, TurnState.Completed, recorded: true, curated: valid && !outcome.Open, outcome);
    }
}
