using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;

namespace GenAI.Chats.Engine.Sessions;

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
                    MoveAway();
                    break;
                }
            }
        }
        catch (ChatConflictException conflict)
        {
            End(conflict);
        }
        catch (OperationCanceledException)
        {
            // The server is stopping: the turn that was followed goes on elsewhere.
        }
        catch (Exception failure) when (failure is ChatException or ChatStoreException)
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

    // The server is stopping: the turns that wait are durable, and another server runs them, where there is one.
    private void MoveAway()
    {
        if (_over is null && _host.TryMove())
        {
            Retire(new ChatConflictException("The chat moves to another server."));
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

        if (turn.Record is { Stop: not TurnStop.None } or { HasInput: true, Input.Recorded: not null })
        {
            using (await EnterWriteAsync())
            {
                if (IsNext(turn))
                {
                    await StartOrEndLockedAsync(turn);
                }
            }

            return true;
        }

        // Only then its input is read, which may be large.
        if (!await EnterAsync())
        {
            return false;
        }

        var started = false;
        try
        {
            using (await EnterWriteAsync())
            {
                // The place in line is the chat's: the turn that waited for it may have been cancelled, and the next one takes it.
                if (_queue.First is { RunsHere: false } next && IsNext(next))
                {
                    await StartOrEndLockedAsync(next);
                    started = next.RunsHere;
                }
            }
        }
        finally
        {
            // A turn that runs leaves when it has ended.
            LeaveIf(!started);
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

    private async Task StartOrEndLockedAsync(ActiveTurn turn)
    {
        if (turn.Record.Stop is not TurnStop.None)
        {
            await EndStoppedLockedAsync(turn);
        }
        else if (!await ReadInputAsync(turn))
        {
            // The turn is gone, or another server's.
        }
        else if (turn.Record.Input.Recorded is { } recorded)
        {
            await EndLockedAsync(turn, await RecordedEndAsync(turn.Record, recorded));
        }
        else
        {
            await StartOrFailLockedAsync(turn);
        }
    }

    // False: the turn is not the next one any more.
    private async Task<bool> ReadInputAsync(ActiveTurn turn)
    {
        if (turn.Record.HasInput)
        {
            return true;
        }

        var input = await Guarded(() => Store.ReadInputAsync(_key, turn.Record.TurnId, CancellationToken.None));
        if (input is null)
        {
            await ReloadAsync();
            return false;
        }

        turn.Record = turn.Record with { Input = input };
        return IsNext(turn);
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
        var step = new StartStep(turn.Record.Sequence, turn.Record.TurnId, turn.Record.Attempt + 1, usedAttempts, Server.Owner, _chat!.Revision, Now);
        await Commit(() => Store.ApplyAsync(_key, step), turn.Record with { Attempt = step.Attempt });
        var ownerWasGone = usedAttempts > turn.Record.UsedAttempts;
        if (ownerWasGone)
        {
            EngineLog.TurnTakenOver(_services.Log, step.Attempt);
        }

        turn.Begin(turn.Record with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        });
        _services.Metrics.Started(_key, turn.Age, isRecovery: step.Attempt > 1, ownerWasGone);
    }

    // Another server runs the turn: its events come from the store, when it has ended.
    private async Task FollowAsync()
    {
        await Task.Delay(Options.FollowInterval, _services.Time, Server.Release);
        await WakeAsync();
    }

    private async Task RunAsync(ActiveTurn turn)
    {
        using var span = ChatTracing.StartTurn(_key, _chat!.Settings.Model, turn.Record);
        try
        {
            using var released = Server.Release.Register(static t => ((ActiveTurn)t!).RequestStop(StopCause.Released), turn);
            Server.Turns.Add(turn);
            var progress = turn.MayHaveProgress ? await ReadProgressAsync(turn) : [];
            var call = new ModelCall(turn, _chat!, _history, _exchange, progress, step => KeepAsync(turn, step), _services);
            await call.RunAsync();
            if (call.IsReleased)
            {
                await ReleaseAsync(turn);
                ChatTracing.End(span, "released", error: null);
            }
            else if (await EndRunningAsync(turn, call))
            {
                ChatTracing.End(span, ChatMetrics.Outcome(call.State), call.Outcome.Error);
            }
        }
        catch
        {
            // The store still has the turn as this server's, and no session runs it.
            Orphan(turn.Record);
            throw;
        }
        finally
        {
            turn.RunsHere = false;
            Server.Turns.Remove(turn);
            Server.Slots.Leave();
        }
    }

    // Without it the turn must not run here: calls that were run would be run again.
    private async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ActiveTurn turn)
    {
        var progress = await Guarded(() => Store.ReadProgressAsync(_key, turn.Record.TurnId, CancellationToken.None));
        turn.KeptSteps = progress.Count;
        return progress;
    }

    // A tool's result, or an answer with calls, is not lost to a store that fails for a while: the step is tried again until the turn is stopped. Calls of
    // one answer run at once, and so do their steps.
    private async Task KeepAsync(ActiveTurn turn, TurnProgress progress)
    {
        turn.MayHaveProgress = true;
        int? firstPlace = null;
        for (var retries = new CommitRetries(_services.Time); ; await retries.PauseAsync(turn.Stop))
        {
            try
            {
                using (await EnterWriteAsync())
                {
                    if (await IsKeptAsync(turn, progress, firstPlace))
                    {
                        return;
                    }

                    var step = new ProgressStep(turn.Record.Sequence, turn.Record.TurnId, turn.Record.Attempt, Server.Owner, turn.KeptSteps, progress);
                    firstPlace ??= step.Place;
                    turn.IsProgressKnown = false;
                    await Store.ApplyAsync(_key, step);
                    (turn.KeptSteps, turn.IsProgressKnown) = (step.Place + 1, true);
                    return;
                }
            }
            catch (Exception failure) when (_over is null && ShouldRetry(failure, retries))
            {
                // What the store says then decides.
            }
        }
    }

    // In the lock. After a step of unknown outcome the store is asked how many there are, and whether this one is among those that were added since.
    private async Task<bool> IsKeptAsync(ActiveTurn turn, TurnProgress progress, int? firstPlace)
    {
        if (turn.IsProgressKnown && firstPlace is null)
        {
            return false;
        }

        var kept = await Store.ReadProgressAsync(_key, turn.Record.TurnId, turn.Stop);
        (turn.KeptSteps, turn.IsProgressKnown) = (kept.Count, true);
        return firstPlace is { } first && kept.Skip(first).Contains(progress);
    }

    private async Task ReleaseAsync(ActiveTurn turn)
    {
        using (await EnterWriteAsync())
        {
            if (_queue.First != turn)
            {
                return;
            }

            await Commit(() => Store.ApplyAsync(
                _key, new ReleaseStep(turn.Record.Sequence, turn.Record.TurnId, turn.Record.Attempt, Server.Owner)));
            turn.Record = turn.Record with { State = TurnState.Queued, Owner = null, StartTime = null };
            turn.RunsHere = false;
        }
    }
}
