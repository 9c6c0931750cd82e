using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Storage.Records;
using GenAI.Chats.Grains.Telemetry;

namespace GenAI.Chats.Grains.Engine;

/// <content>Running turns: one after the other, in the background, on the session's scheduler.</content>
internal sealed partial class ChatSession
{
    private bool _pumping;
    private bool _waitsToStart;

    // Called and not awaited: the turns run on while calls come and go. It catches everything itself.
    private void RunPending()
    {
        if (!_pumping && _over is null && _queue.Count > 0)
        {
            _ = PumpAsync();
        }
    }

    private async Task PumpAsync()
    {
        _pumping = true;
        ChatTracing.Detach();
        _host.KeepActive();
        var scheduler = TaskScheduler.Current;
        using var nudge = _services.Time.CreateTimer(
            _ => Task.Factory.StartNew(NudgeReaders, CancellationToken.None, TaskCreationOptions.None, scheduler), null, ReadWait, ReadWait);
        try
        {
            while (_over is null && _queue.First is { } turn)
            {
                if (turn.RunsHere)
                {
                    await RunAsync(turn);
                }
                else if (!await TakeUpAsync(turn))
                {
                    break;
                }
            }
        }
        catch (ChatConflictException)
        {
            // The session is over already.
        }
        catch (OperationCanceledException)
        {
            // The server is stopping: the turn that was followed goes on elsewhere.
        }
        catch (ChatException)
        {
            End(new ChatConflictException("The store did not answer while a turn ran."));
        }
        catch (Exception defect)
        {
            EngineLog.TurnDefect(_services.Log, defect);
            End(new ChatConflictException("A turn's server failed."));
        }
        finally
        {
            _pumping = false;
            _host.AllowIdle();
            StandDown();
        }
    }

    // A turn whose start was committed while the session ended: it is the next activation's to run, and its readers are to come again.
    private void StandDown()
    {
        if (_over is { } over && _queue.First is { RunsHere: true } turn)
        {
            turn.RunsHere = false;
            turn.Log.Fail(over);
            Server.Slots.Leave();
            Orphan(turn.Record);
        }
    }

    // Brings the first turn a step on: starts it, ends it, or waits for the server that runs it. False: it cannot run here.
    private async Task<bool> TakeUpAsync(ActiveTurn turn)
    {
        if (RunsElsewhere(turn))
        {
            await FollowAsync();
            return true;
        }

        if (turn.Record.Input.Recorded is { } recorded)
        {
            using (await _writes.EnterAsync())
            {
                if (IsNext(turn))
                {
                    await EndLockedAsync(turn, await RecordedEndAsync(turn.Record, recorded));
                }
            }

            return true;
        }

        if (!await EnterAsync())
        {
            return false;
        }

        try
        {
            using (await _writes.EnterAsync())
            {
                if (IsNext(turn))
                {
                    await StartOrFailLockedAsync(turn);
                }
            }
        }
        finally
        {
            // A turn that runs leaves when it has ended.
            LeaveIf(!turn.RunsHere);
        }

        return true;
    }

    private bool RunsElsewhere(ActiveTurn turn) => turn.Record.Owner is { } owner && owner != Server.Owner && !_abandoned;

    private bool IsNext(ActiveTurn turn) => _over is null && _queue.First == turn && !RunsElsewhere(turn);

    // The chat's place in line, where there is one; turns that come, or are cancelled, meanwhile do not lose it. False: no turn starts here any more.
    private async ValueTask<bool> EnterAsync()
    {
        _waitsToStart = true;
        try
        {
            return await Server.Slots.EnterAsync(_key);
        }
        finally
        {
            _waitsToStart = false;
        }
    }

    private async Task StartOrFailLockedAsync(ActiveTurn turn)
    {
        // An attempt whose owner neither ended nor released it counts.
        var used = turn.Record.UsedAttempts + (turn.Record.State == TurnState.Running ? 1 : 0);
        if (used <= Options.MaxReruns)
        {
            await StartLockedAsync(turn, used);
            return;
        }

        EngineLog.AttemptsExhausted(_services.Log, used);
        var outcome = new TurnOutcome { Error = TurnErrors.AttemptsExhausted(used), DroppedChunks = EventOffsets.MostAfterStart };
        await EndLockedAsync(turn, NewEnd(turn.Record, TurnState.Failed, recorded: false, curated: false, outcome));
    }

    private async Task StartLockedAsync(ActiveTurn turn, int usedAttempts)
    {
        using var span = ChatTracing.StartTakeUp(turn.Record);
        var step = new StartStep(turn.Record.Sequence, turn.Record.Attempt + 1, usedAttempts, Server.Owner, _chat!.Revision, Now);
        await Commit(() => Store.StartAsync(_key, step), turn.Record with { Attempt = step.Attempt });
        var ownerWasGone = usedAttempts > turn.Record.UsedAttempts;
        if (ownerWasGone)
        {
            EngineLog.TurnTakenOver(_services.Log, step.Attempt);
        }

        Begin(turn, turn.Record with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        });
        _services.Metrics.Started(_key, turn.Record, isRecovery: step.Attempt > 1, ownerWasGone);
    }

    // The start is durable, and this session's own.
    private static void Begin(ActiveTurn turn, TurnRecord started)
    {
        turn.Record = started;
        turn.RunsHere = true;
        turn.MayHaveProgress = started.Attempt > 1;
        turn.Log.Restart(Views.Started(started, EventOffsets.Before(started.Attempt) + 1));
    }

    // Another server runs the turn: its events come from the store, when it has ended.
    private async Task FollowAsync()
    {
        await Task.Delay(Options.FollowInterval, _services.Time, Server.Release);
        using (await _writes.EnterAsync())
        {
            if (_over is null)
            {
                await ReloadAsync();
            }
        }
    }

    private async Task RunAsync(ActiveTurn turn)
    {
        using var span = ChatTracing.StartTurn(_key, _chat!.Settings.Model, turn.Record);
        try
        {
            using var released = Server.Release.Register(static t => ((ActiveTurn)t!).RequestStop(StopCause.Released), turn);
            var progress = turn.MayHaveProgress ? await ReadProgressAsync(turn) : [];
            var call = new ModelCall(turn, _chat!, _history, _exchange, progress, step => KeepAsync(turn, step), _services);
            await call.RunAsync();
            using (await _writes.EnterAsync())
            {
                if (_over is not null)
                {
                    return;
                }

                call.Conclude();
                ChatTracing.End(span, call.Released ? "released" : ChatMetrics.Outcome(call.State), call.Outcome.Error);
                if (call.Released)
                {
                    await ReleaseLockedAsync(turn);
                    return;
                }

                await EndLockedAsync(turn, NewEnd(turn.Record, call.State, call.Recorded, call.Curated, call.Outcome));
            }
        }
        finally
        {
            turn.RunsHere = false;
            Server.Slots.Leave();
        }
    }

    // Without it the turn must not run here: calls that were run would be run again.
    private async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ActiveTurn turn)
    {
        try
        {
            var progress = await Guarded(() => Store.ReadProgressAsync(_key, turn.Record.Sequence, CancellationToken.None));
            turn.KeptSteps = progress.Count;
            return progress;
        }
        catch (ChatException)
        {
            Orphan(turn.Record);
            throw;
        }
    }

    private async Task KeepAsync(ActiveTurn turn, TurnProgress progress)
    {
        using (await _writes.EnterAsync())
        {
            if (_over is not null)
            {
                throw new ChatConflictException("The session is over.");
            }

            var step = new ProgressStep(turn.Record.Sequence, turn.Record.Attempt, Server.Owner, turn.KeptSteps, progress);
            turn.MayHaveProgress = true;
            await Commit(() => Store.KeepProgressAsync(_key, step));
            turn.KeptSteps++;
        }
    }

    private async Task ReleaseLockedAsync(ActiveTurn turn)
    {
        await Commit(() => Store.ReleaseAsync(_key, new ReleaseStep(turn.Record.Sequence, turn.Record.Attempt, Server.Owner)));
        turn.Record = turn.Record with { State = TurnState.Queued, Owner = null, StartTime = null };
        turn.RunsHere = false;
    }
}
