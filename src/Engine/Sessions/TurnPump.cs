namespace GenAI.Chats.Engine.Sessions;

/// <summary>Runs a chat's pending turns one after the other, in the background on the session's scheduler, and ends them.</summary>
internal sealed class TurnPump
{
    private readonly ChatState _chat;
    private readonly ServerState _server;
    private readonly TurnAttempts _attempts;
    private readonly ChatsOptions _options;
    private readonly ISessionHost _host;
    private readonly ILogger _logger;
    private bool _isPumping;

    public TurnPump(ChatState chat, TurnAttempts attempts, ChatsOptions options, ISessionHost host, ILogger logger)
    {
        (_chat, _server, _attempts, _options, _host, _logger) = (chat, chat.Server, attempts, options, host, logger);
        chat.Loaded += Start;
    }

    /// <summary>Gets whether the chat waits for a slot to start its next turn.</summary>
    public bool WaitsToStart { get; private set; }

    /// <summary>Starts running the pending turns, unless they are running.</summary>
    public void Start()
    {
        if (_isPumping || _chat.Queue.Count == 0)
        {
            return;
        }

        if (!_chat.IsClosed)
        {
            // Not awaited: turns run while calls come and go. It handles all its exceptions.
            _ = PumpAsync();
        }
        else if (_chat.Queue.Running is { } turn)
        {
            LeaveOrRun(turn);
        }
    }

    /// <summary>Stops a turn whose stop is stored if it is running. Requires the write lock. A queued turn has ended when this returns; a running one ends soon.</summary>
    public async Task StopAsync(ActiveTurn turn)
    {
        if (turn.Record.State == TurnState.Queued)
        {
            await EndStoppedAsync(turn);
        }
        else
        {
            // An earlier activation of this server may run it.
            _server.Turns.Stop(new StoppedTurn(turn.Record.TurnId, turn.Record.Stop));
        }
    }

    private async Task PumpAsync()
    {
        _isPumping = true;
        ChatTracing.Detach();
        _host.KeepActive();
        try
        {
            while (!_chat.IsClosed && _chat.Queue.First is { } turn)
            {
                if (turn.RunsHere)
                {
                    await RunAsync(turn);
                }
                else if (!await AdvanceAsync(turn))
                {
                    // The server is stopping. Pending turns are durable, and another server runs them if there is one.
                    if (!_chat.IsClosed && _host.TryMove())
                    {
                        _chat.Close(new ChatConflictException("The chat moves to another server."), isMoved: true);
                    }

                    break;
                }
            }
        }
        catch (ChatConflictException conflict)
        {
            _chat.Close(conflict);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping: the turn runs on another server.
        }
        catch (Exception failure) when (failure is ChatException or ChatStoreException)
        {
            _chat.Close(new ChatConflictException("The store did not answer while a turn ran."));
        }
        catch (Exception defect)
        {
            EngineLog.TurnDefect(_logger, _chat.Key, _chat.Queue.First?.Record.TurnId, defect);
            _chat.Close(new ChatConflictException("A turn's server failed."));
        }
        finally
        {
            _isPumping = false;
            _host.AllowIdle();
            if (_chat.Queue.Running is { } turn)
            {
                LeaveOrRun(turn);
            }
        }
    }

    // A turn that was started while the pump ended, or before it began, has a slot. If the session is closed, the turn is the next activation's to run. Otherwise the server is
    // stopping, and the turn runs to be released.
    private void LeaveOrRun(ActiveTurn turn)
    {
        if (_chat.Failure is not { } failure)
        {
            Start();
            return;
        }

        turn.RunsHere = false;
        turn.Log.Fail(failure);
        _server.Slots.Leave();
        _chat.Orphan(turn.Record);
    }

    // Brings the first turn a step further: starts it, ends it, or waits for the server that runs it. Returns false if no turn can start here.
    private async Task<bool> AdvanceAsync(ActiveTurn turn)
    {
        if (_chat.Cache.RunsElsewhere(turn))
        {
            // Its events come from the store once it has ended.
            await Task.Delay(_options.RemoteTurnPollInterval, _server.Time, _server.Release);
            await _chat.RefreshAsync();
            return true;
        }

        if (turn.Record is { Stop: not TurnStop.None } or { HasInput: true, Input.Recorded: not null })
        {
            using (await _chat.EnterAsync())
            {
                if (IsNext(turn))
                {
                    await StartOrEndAsync(turn);
                }
            }

            return true;
        }

        // Its input, which may be large, is read only when the turn can start.
        if (!await WaitForSlotAsync())
        {
            return false;
        }

        var started = false;
        try
        {
            using (await _chat.EnterAsync())
            {
                // The slot is the chat's: the turn that waited for it may have been canceled, and the next one uses it.
                if (_chat.Queue.First is { RunsHere: false } next && IsNext(next))
                {
                    await StartOrEndAsync(next);
                    started = next.RunsHere;
                }
            }
        }
        finally
        {
            // A turn that runs leaves its slot when it has ended.
            if (!started)
            {
                _server.Slots.Leave();
            }
        }

        return true;
    }

    private bool IsNext(ActiveTurn turn) => !_chat.IsClosed && _chat.Queue.First == turn && !_chat.Cache.RunsElsewhere(turn);

    // Turns that are accepted or canceled during the wait don't change the chat's place in the queue. Returns false if no more turns start here.
    private async ValueTask<bool> WaitForSlotAsync()
    {
        WaitsToStart = true;
        try
        {
            return await _server.Slots.EnterAsync(_chat.Key);
        }
        finally
        {
            WaitsToStart = false;
        }
    }

    private async Task StartOrEndAsync(ActiveTurn turn)
    {
        if (turn.Record.Stop is not TurnStop.None)
        {
            await EndStoppedAsync(turn);
        }
        else if (!await ReadInputAsync(turn))
        {
            // The turn is gone, or another server's.
        }
        else if (turn.Record.Input.Recorded is { } recorded)
        {
            await EndAsync(turn, await TurnEnds.CreateAsync(_chat, turn.Record, recorded));
        }
        else
        {
            await StartOrFailAsync(turn);
        }
    }

    // Returns false if the turn is no longer the next one.
    private async Task<bool> ReadInputAsync(ActiveTurn turn)
    {
        if (turn.Record.HasInput)
        {
            return true;
        }

        var input = await _chat.ReadAsync(s => s.ReadInputAsync(_chat.Key, turn.Record.TurnId, CancellationToken.None));
        if (input is null)
        {
            await _chat.ReloadAsync();
            return false;
        }

        turn.Record = turn.Record with { Input = input };
        return IsNext(turn);
    }

    private async Task StartOrFailAsync(ActiveTurn turn)
    {
        // An attempt counts if its owner neither ended nor released it.
        var record = turn.Record;
        var used = record.UsedAttempts + (record.State == TurnState.Running ? 1 : 0);
        if (used > _options.MaxRecoveryAttempts)
        {
            EngineLog.AttemptsExhausted(_logger, _chat.Key, record.TurnId, used);
            var outcome = new TurnOutcome { Error = TurnErrors.AttemptsExhausted(used), DroppedChunks = EventOffsets.MostAfterStart };
            await EndAsync(turn, TurnEnds.Create(_chat, record, TurnState.Failed, outcome));
            return;
        }

        using var span = ChatTracing.StartQueued(record);
        var step = new StartStep(record.Sequence, record.TurnId, record.Attempt + 1, used, _server.Owner, _chat.Chat!.Revision, _chat.Now);
        await _chat.CommitAsync(step, record with { Attempt = step.Attempt });
        var isOwnerLost = used > record.UsedAttempts;
        if (isOwnerLost)
        {
            EngineLog.TurnTakenOver(_logger, _chat.Key, record.TurnId, step.Attempt);
        }

        var started = turn.Record with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        };
        _chat.Cache.Start(turn, started, isOwnerLost);
    }

    private async Task RunAsync(ActiveTurn turn)
    {
        using var span = ChatTracing.StartTurn(_chat.Key, Views.ModelOf(turn.Record, _chat.Chat!), turn.Record);
        try
        {
            using var released = _server.Release.Register(static t => ((ActiveTurn)t!).RequestStop(StopCause.Released), turn);
            _server.Turns.Add(turn);
            var progress = new TurnProgressLog(_chat, turn);
            var earlier = await progress.ReadAsync();
            var context = await _chat.Contexts.OfAsync(_chat.Chat!, turn.Record.Input, CancellationToken.None);
            var attempt = _attempts.Create(turn, _chat.Chat!, context);
            await attempt.RunAsync(earlier, progress.AddAsync);
            turn.HasAnswered = true;
            if (attempt.IsReleased)
            {
                await ReleaseAsync(turn);
                ChatTracing.End(span, "released", error: null);
            }
            else if (await EndAsync(turn, attempt, context))
            {
                ChatTracing.End(span, ChatMetrics.Outcome(attempt.State), attempt.Outcome.Error);
                if (attempt.State is TurnState.Failed)
                {
                    EngineLog.TurnFailed(_logger, _chat.Key, turn.Record.TurnId, attempt.Outcome.Error.Reason);
                }
            }
        }
        catch
        {
            // The store still has the turn as this server's, and no session runs it.
            _chat.Orphan(turn.Record);
            throw;
        }
        finally
        {
            turn.RunsHere = false;
            _server.Turns.Remove(turn);
            _server.Slots.Leave();
        }
    }

    private async Task ReleaseAsync(ActiveTurn turn)
    {
        using (await _chat.EnterAsync())
        {
            if (_chat.Queue.First != turn)
            {
                return;
            }

            var step = new ReleaseStep(turn.Record.Sequence, turn.Record.TurnId, turn.Record.Attempt, _server.Owner);
            await _chat.CommitAsync(step);
            turn.Record = turn.Record with { State = TurnState.Queued, Owner = null, StartTime = null };
            turn.RunsHere = false;
        }
    }

    // Ends the turn that ran here. Its output must not be lost: if a commit fails, the same end is tried again, or the end that follows from a stop that was
    // stored since. Returns false if the turn is no longer this session's.
    private Task<bool> EndAsync(ActiveTurn turn, TurnAttempt attempt, TurnContext context) => _chat.RetryAsync(
        async store =>
        {
            if (_chat.Queue.First != turn)
            {
                return turn.Record.Outcome is not null;
            }

            if (turn.Ending is not { } step || step.Stop != turn.Record.Stop)
            {
                attempt.Conclude();
                step = TurnEnds.Create(_chat, turn.Record, attempt.State, attempt.Outcome, context, attempt.Recorded, attempt.Curated);
                turn.Ending = step = turn.MayHaveProgress ? step with { HasProgress = true } : step;
            }

            var chat = _chat.Chat!;
            if (chat.Version != step.Version)
            {
                // The settings have changed since the last try.
                step = step with { Version = chat.Version, Head = step.Head with { Ttl = chat.Settings.Ttl?.ToTimeSpan() } };
            }

            await store.ApplyAsync(_chat.Key, step);
            _chat.Cache.End(turn, step);
            return true;
        },
        _server.Release);

    // Ends a stopped turn that doesn't run. Its last attempt, if it had one, may have published any number of chunks.
    private Task EndStoppedAsync(ActiveTurn turn)
    {
        var outcome = new TurnOutcome { DroppedChunks = turn.Record.StartTime is null ? 0 : EventOffsets.MostAfterStart };
        return EndAsync(turn, TurnEnds.Create(_chat, turn.Record, TurnState.Cancelled, outcome));
    }

    private async Task EndAsync(ActiveTurn turn, EndStep step)
    {
        step = step with { HasProgress = turn.MayHaveProgress };
        await _chat.CommitAsync(step);
        _chat.Cache.End(turn, step);
    }
}
