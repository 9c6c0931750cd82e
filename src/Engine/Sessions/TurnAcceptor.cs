using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>Appends turns to a chat's log: request IDs, revisions, busy policies, limits.</summary>
internal sealed class TurnAcceptor(ChatState chat, TurnPump pump, TurnFinder turns, IChatModels models, ChatsOptions options, ILogger logger)
{
    /// <inheritdoc cref="IChatSession.SendAsync"/>
    public async Task<AcceptedTurn> AcceptAsync(TurnRequest request)
    {
        chat.ThrowIfClosed();

        // Before the lock, as the server may have to lease more of the tenant's quota. Retries don't need a permit, and give it back.
        using var permit = await chat.Quota.AcquireAsync(request.InputBytes);
        try
        {
            using (await chat.EnterAsync())
            {
                await chat.FindChatAsync();
                if (request.RequestId.Length > 0 && chat.Queue.FindRequest(request.RequestId) is { } pending)
                {
                    return await JoinAsync(pending.Record, request);
                }

                var limit = chat.Server.Slots.Rejection() ?? permit.Rejection;
                var (resolved, error) = limit is null ? await CheckAsync(request) : (request, null);
                if (limit is not null || error is not null)
                {
                    // A retry gets the turn that the log has, not the error that another turn would get.
                    if (await FindEarlierAsync(request) is { } earlier)
                    {
                        return await JoinAsync(earlier, request);
                    }

                    if (limit is not null)
                    {
                        throw LimitsLog.Rejected(logger, limit);
                    }

                    // A turn isn't rejected for what another server has changed since the chat was read.
                    await chat.ReloadAsync();
                    chat.RequireChat();
                    (resolved, error) = await CheckAsync(request);
                    if (error is not null)
                    {
                        throw error;
                    }
                }

                return await AppendAsync(resolved, permit);
            }
        }
        finally
        {
            // After the lock is released: if the model answers at once, the turn's end needs the lock.
            pump.Start();
        }
    }

    private async Task<TurnRecord?> FindEarlierAsync(TurnRequest request)
    {
        if (request.RequestId.Length == 0)
        {
            return null;
        }

        var earlier = await chat.ReadAsync(s => s.FindRequestAsync(chat.Key, request.RequestId, CancellationToken.None));
        return earlier is null || CanBeReplaced(earlier) ? null : earlier;
    }

    private async Task<AcceptedTurn> AppendAsync(TurnRequest request, TurnPermit permit)
    {
        var starts = chat.Queue.Count == 0 && request.Input.Recorded is null && chat.Server.Slots.TryEnter();
        string? replaces = null;
        while (true)
        {
            var step = await CreateStepAsync(request, starts, replaces);
            bool isCurrent;
            TurnRecord? earlier;
            try
            {
                (isCurrent, earlier) = await chat.CommitAsync(s => TryAppendAsync(s, step), starts ? step.Turn : null);
            }
            catch
            {
                LeaveSlot(starts);
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
                return new AcceptedTurn(step.Turn.TurnId, step.Turn.RequestId);
            }

            if (!CanBeReplaced(earlier) || !IsSame(earlier, request))
            {
                LeaveSlot(starts);
                return await JoinAsync(earlier, request);
            }

            replaces = earlier.TurnId;
        }
    }

    // Other servers may append to the chat while a turn runs here. That is no reason to stop the turn: the chat is read, and the step created again.
    private async Task<(bool IsCurrent, TurnRecord? Earlier)> TryAppendAsync(IChatStore store, AcceptStep step)
    {
        try
        {
            return (true, (await store.ApplyAsync(chat.Key, step)).ExistingTurn);
        }
        catch (ChatConflictException) when (!chat.IsClosed && chat.Queue.Running is not null)
        {
            var (sequence, version) = (chat.LastSequence, chat.Chat!.Version);
            await chat.ReloadAsync();
            if ((sequence, version) == (chat.LastSequence, chat.RequireChat().Version))
            {
                throw;
            }

            return (false, null);
        }
    }

    private async ValueTask<AcceptStep> CreateStepAsync(TurnRequest request, bool starts, string? replaces)
    {
        var now = chat.Now;
        var turn = new TurnRecord
        {
            Sequence = chat.LastSequence + 1,
            TurnId = Guid.CreateVersion7(now).ToString("N"),
            RequestId = request.RequestId.Length > 0 ? request.RequestId : Guid.CreateVersion7(now).ToString("N"),
            RequestHash = request.Hash,
            State = starts ? TurnState.Running : TurnState.Queued,
            Attempt = starts ? 1 : 0,
            Owner = starts ? chat.Server.Owner : null,
            CreateTime = now,
            StartTime = starts ? now : null,
            Input = request.Input,
            InputBytes = request.InputBytes,
        };
        HeadChange? head = null;
        if (!starts && chat.Queue.Count == 0 && request.Input.Recorded is { } recorded)
        {
            var end = await TurnEnds.CreateAsync(chat, turn, recorded);
            head = end.Head;
            turn = TurnEnds.Apply(turn, end);
        }

        var stop = request.OnBusy switch
        {
            BusyPolicy.Interrupt => TurnStop.Cancel,
            BusyPolicy.Rollback => TurnStop.RollBack,
            _ => TurnStop.None,
        };

        // A turn that waits checks the revision that its client expects when it starts, but turns that were stopped for it don't run again.
        var isFixed = starts || head is not null || (stop is not TurnStop.None && request.Input.HasExpectedRevision);
        return new AcceptStep
        {
            Turn = turn,
            Version = chat.Chat!.Version,
            ExpectedRevision = isFixed ? chat.Chat.Revision : null,
            Replaces = replaces,
            Head = head,
            StopsOthers = stop,
        };
    }

    // The commit is done. From here on, a failure closes the session.
    private async Task AppendedAsync(AcceptStep step, bool starts, TurnPermit permit)
    {
        chat.Cache.Append(step);
        if (step.Head is not null)
        {
            return;
        }

        if (chat.IsClosed)
        {
            // The session was closed during the commit: the turn is the next session's to run.
            LeaveSlot(starts);
            chat.Orphan(starts ? step.Turn : null);
            return;
        }

        var before = chat.Queue.ToArray();
        var turn = new ActiveTurn(step.Turn, chat.Server.Time);
        chat.Queue.Add(turn, permit);
        if (starts)
        {
            chat.Cache.Start(turn, step.Turn);
        }
        else
        {
            turn.Wait();
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            // The last one first, so that none of them starts in between. The stops are stored: if this session doesn't get to them, the next one does.
            foreach (var other in before.Reverse())
            {
                other.Record = other.Record with { Stop = step.StopsOthers > other.Record.Stop ? step.StopsOthers : other.Record.Stop };
                await pump.StopAsync(other);
            }
        }
    }

    // Returns the request with what it refers to, or the error if the turn can't be appended.
    private async ValueTask<(TurnRequest Resolved, ChatException? Error)> CheckAsync(TurnRequest request)
    {
        try
        {
            var resolved = request.IsBranch ? await turns.ResolveAsync(request) : request;
            return (resolved, await FindErrorAsync(resolved));
        }
        catch (ChatException error) when (error.Code is Code.NotFound or Code.InvalidArgument)
        {
            return (request, error);
        }
    }

    private async ValueTask<ChatException?> FindErrorAsync(TurnRequest request)
    {
        var state = chat.Chat!;
        if (TurnChecks.Revision(request.Input, state.Revision) is { } revision)
        {
            return revision;
        }

        if (request.Input.Model is { Length: > 0 } model && !models.TryResolve(model, out _))
        {
            return ChatErrors.UnknownModel(model, "model");
        }

        var tree = chat.Tree;
        if (tree.Turns + chat.Queue.Count >= options.MaxTurns)
        {
            return ChatErrors.TooManyTurns(options.MaxTurns);
        }

        // Each pending turn may open a branch.
        if ((request.IsBranch || state.Tree?.Head is not null) && tree.Branches + chat.Queue.Count >= options.MaxBranches)
        {
            return ChatErrors.TooManyBranches(options.MaxBranches);
        }

        if (state.StoredBytes + chat.Queue.InputBytes + request.InputBytes > options.MaxHistoryBytes)
        {
            return ChatErrors.HistoryTooLarge(options.MaxHistoryBytes);
        }

        if (chat.Queue.Count > 0)
        {
            // Which function calls will be open after the pending turns isn't known yet.
            return CheckQueue(request);
        }

        if (TurnChecks.Responding(request.Input) is not { } responding)
        {
            return null;
        }

        var context = await chat.Contexts.OfAsync(chat.Chat!, request.Input, CancellationToken.None);
        return TurnChecks.Responses(request.Input, responding, await context.Exchange.ReadCallsAsync(context.OpenSequence, CancellationToken.None));
    }

    private ChatException? CheckQueue(TurnRequest request) => request.OnBusy switch
    {
        BusyPolicy.Reject => ChatErrors.Busy(),
        BusyPolicy.Interrupt or BusyPolicy.Rollback => null,
        _ when chat.Queue.Waiting >= options.MaxQueuedTurns => ChatErrors.QueueFull(options.MaxQueuedTurns),
        _ => chat.Queue.WaitingBytes + request.InputBytes > options.MaxQueuedBytes ? ChatErrors.QueueFull(options.MaxQueuedBytes) : null,
    };

    private async Task<AcceptedTurn> JoinAsync(TurnRecord earlier, TurnRequest request)
    {
        if (!IsSame(earlier, request))
        {
            throw ChatErrors.RequestIdReused();
        }

        ChatTracing.Join(earlier);
        if (earlier.IsPending ? chat.Queue.Find(earlier.TurnId) is null : !IsKnown(earlier))
        {
            // Accepted or recorded elsewhere since this session read the chat.
            await chat.ReloadAsync();
            chat.RequireChat();
        }

        // It may have been erased since this session read the chat, or, if it left nothing, with the turns around it.
        if (!IsKnown(earlier) || (!earlier.IsPending && await chat.ReadAsync(s => s.FindTurnAsync(chat.Key, earlier.TurnId, CancellationToken.None)) is null))
        {
            await chat.ReloadAsync();
            chat.RequireChat();
            throw ChatErrors.TurnErased();
        }

        return new AcceptedTurn(earlier.TurnId, earlier.RequestId);
    }

    private static bool IsSame(TurnRecord earlier, TurnRequest request) => earlier.RequestHash.Span.SequenceEqual(request.Hash);

    private bool IsKnown(TurnRecord turn) => turn.Revision == 0 || chat.Tree.RangeOf(turn.Revision) is not null;

    // A failed turn that left nothing in the history can be tried again with its request ID.
    private static bool CanBeReplaced(TurnRecord earlier) => earlier.State == TurnState.Failed && earlier.Revision == 0;

    private void LeaveSlot(bool hasSlot)
    {
        if (hasSlot)
        {
            chat.Server.Slots.Leave();
        }
    }
}
