namespace GenAI.Chats.Storage.InMemory;

/// <summary>Applies the steps that change a chat in memory.</summary>
internal static class InMemorySteps
{
    /// <summary>Applies a step to a chat.</summary>
    /// <param name="chat">The chat.</param>
    /// <param name="step">The step.</param>
    /// <param name="isGone">Indicates whether an owner is gone.</param>
    /// <param name="now">The time of the commit.</param>
    public static StepResult Apply(InMemoryChat chat, ChatStep step, Func<string, bool> isGone, DateTimeOffset now) => step switch
    {
        AcceptStep accept => Accept(chat, accept, now),
        StartStep start => Start(chat, start, isGone),
        EndStep end => End(chat, end, isGone, now),
        StopStep stop => Stop(chat, stop),
        ReleaseStep release => Release(chat, release),
        ProgressStep progress => KeepProgress(chat, progress),
        UpdateStep update => Update(chat, update, now),
        _ => throw new ArgumentException($"Unknown step '{step.Name}'.", nameof(step)),
    };

    private static StepResult Accept(InMemoryChat chat, AcceptStep step, DateTimeOffset now)
    {
        var holder = chat.FindRequest(step.Turn.RequestId);
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(Copies.Of(holder));
        }

        StepPreconditions.CheckAccept(step, chat.Place, chat.LastSequence, holder, chat.IsTurnIdTaken(step.Turn.TurnId));
        if (holder is not null)
        {
            chat.TakeRequestId(holder);
        }

        foreach (var other in chat.Pending.ToList())
        {
            chat.Stop(other, step.StopsOthers);
        }

        chat.Add(Copies.Of(step.Turn));
        if (step.Head is { } head)
        {
            chat.Change(head, now);
        }

        return StepResult.Applied;
    }

    private static StepResult Start(InMemoryChat chat, StartStep step, Func<string, bool> isGone)
    {
        StepPreconditions.CheckStart(step, chat.Place, isGone);
        chat.Replace(chat.FirstPending! with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        });
        return StepResult.Applied;
    }

    private static StepResult End(InMemoryChat chat, EndStep step, Func<string, bool> isGone, DateTimeOffset now)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckEnd(step, chat.Place, PlaceOf(turn), isGone);
        chat.Replace(turn! with
        {
            State = step.State,
            Owner = null,
            Revision = step.Head.Recorded ? step.Head.Revision : 0,
            Curated = step.Curated,
            Outcome = step.Outcome.Clone(),
            EndTime = step.EndTime,
        });
        chat.Change(step.Head, now);
        if (step.HasProgress)
        {
            chat.Progress.Remove(step.Sequence);
        }

        return StepResult.Applied;
    }

    private static StepResult Stop(InMemoryChat chat, StopStep step)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckStop(step, PlaceOf(turn));
        chat.Stop(turn!, step.Stop);
        return StepResult.Applied;
    }

    private static StepResult Release(InMemoryChat chat, ReleaseStep step)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckRelease(step, PlaceOf(turn));
        chat.Replace(turn! with { State = TurnState.Queued, Owner = null, StartTime = null });
        return StepResult.Applied;
    }

    private static StepResult KeepProgress(InMemoryChat chat, ProgressStep step)
    {
        var kept = chat.Progress.GetValueOrDefault(step.Sequence, []);
        StepPreconditions.CheckProgress(step, PlaceOf(chat.Turn(step.Sequence)), kept.Count);
        kept.Add(step.Progress.Clone());
        chat.Progress[step.Sequence] = kept;
        return StepResult.Applied;
    }

    private static StepResult Update(InMemoryChat chat, UpdateStep step, DateTimeOffset now)
    {
        StepPreconditions.CheckVersion(chat.Record.Version, step.Version);
        chat.Record = chat.Record with
        {
            Version = step.Version + 1,
            Settings = step.Settings.Clone(),
            UpdateTime = step.UpdateTime,
            StoredBytes = chat.Record.StoredBytes + step.Growth,
            ExpireTime = step.SetsExpiry ? ChatExpiry.Of(step.Settings, now) : chat.Record.ExpireTime,
        };
        return StepResult.Applied;
    }

    private static TurnPlace? PlaceOf(TurnRecord? turn) => turn is null ? null : InMemoryChat.PlaceOf(turn);
}
