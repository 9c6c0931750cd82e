using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Runs steps in the writer's transaction. Each step first checks its preconditions, and then writes.</summary>
internal static class SqliteSteps
{
    /// <inheritdoc cref="IChatStore.ApplyAsync" />
    public static StepResult Apply(SqliteSession session, SerializedStep step, TimeProvider time)
    {
        var key = step.Key;
        var now = time.GetUtcNow();
        return step.Step switch
        {
            CreateStep create => SqliteLifecycle.Create(session, create, step, now),
            ForkStep fork => SqliteLifecycle.Fork(session, fork, step.Settings!, now),
            AcceptStep accept => Accept(session, key, accept, step.Turns[0], now),
            StartStep start => Start(session, key, start, now),
            EndStep end => End(session, key, end, step.Message, now),
            StopStep stop => ChangeTurn(
                session, key, now, stop.Sequence, turn => StepPreconditions.CheckStop(stop, turn), id => TurnRows.Stop(session, id, stop.Stop)),
            ReleaseStep release => ChangeTurn(
                session, key, now, release.Sequence, turn => StepPreconditions.CheckRelease(release, turn), id => TurnRows.Release(session, id)),
            ProgressStep progress => KeepProgress(session, key, progress, step.Message, now),
            UpdateStep update => Update(session, key, update, step.Settings!, now),
            DeleteStep delete => StepResult.Of(SqliteLifecycle.Delete(session, key, delete, now)),
            var other => throw new ArgumentException($"Unknown step '{other.Name}'.", nameof(step)),
        };
    }

    private static StepResult Accept(SqliteSession session, ChatKey key, AcceptStep step, SerializedTurn turn, DateTimeOffset now)
    {
        var requestId = step.Turn.RequestId;
        var state = StepState.ForAccept(session, key, requestId, step.Turn.TurnId, now) ?? throw StepPreconditions.NoSuchChat();
        var holder = state.IsRequestKnown ? TurnRows.FindRequest(session, state.Id, requestId) : null;
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(holder);
        }

        StepPreconditions.CheckAccept(step, state.Chat, state.LastSequence, holder, state.IsTurnIdTaken);
        if (holder is not null)
        {
            TurnRows.ClearRequest(session, state.Id, requestId);
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            TurnRows.StopPending(session, state.Id, step.StopsOthers);
        }

        TurnRows.Insert(session, state.Id, turn);
        if (step.Head is { } head)
        {
            ChatRows.Change(session, state.Id, head, now);
            if (head.Keeps is { } keeps)
            {
                // The entry for the change of the head remains.
                RangeRows.Replace(session, state.Id, RangeRows.Read(session, state.Id, state.BaseSequence).Keep(keeps, step.Turn.Sequence));
            }
        }

        return StepResult.Applied;
    }

    private static StepResult Start(SqliteSession session, ChatKey key, StartStep step, DateTimeOffset now)
    {
        var chat = FindHead(session, key, now);
        var first = TurnRows.FirstPending(session, chat.Id);
        StepPreconditions.CheckStart(
            step,
            new ChatPlace(chat.Version, chat.Revision, first?.Place),
            owner => OwnerRows.IsGone(session, owner, now));
        TurnRows.Start(session, first!.Value.Id, step);
        return StepResult.Applied;
    }

    private static StepResult End(SqliteSession session, ChatKey key, EndStep step, byte[] outcome, DateTimeOffset now)
    {
        var state = StepState.ForEnd(session, key, step.Sequence, now) ?? throw StepPreconditions.NoSuchChat();
        StepPreconditions.CheckEnd(step, state.Chat, state.Turn?.Place, owner => OwnerRows.IsGone(session, owner, now));
        TurnRows.End(session, state.Turn!.Value.Id, step, outcome);
        ChatRows.Change(session, state.Id, step.Head, now);
        if (step.HasProgress)
        {
            ProgressRows.Delete(session, state.Turn.Value.Id);
        }

        return StepResult.Applied;
    }

    private static StepResult KeepProgress(SqliteSession session, ChatKey key, ProgressStep step, byte[] progress, DateTimeOffset now)
    {
        var turn = TurnRows.FindPlace(session, FindHead(session, key, now).Id, step.Sequence);
        StepPreconditions.CheckProgress(step, turn?.Place, turn is { Id: var id } ? ProgressRows.Count(session, id) : 0);
        ProgressRows.Insert(session, turn!.Value.Id, step.Place, progress);
        return StepResult.Applied;
    }

    private static StepResult ChangeTurn(
        SqliteSession session, ChatKey key, DateTimeOffset now, long sequence, Action<TurnPlace?> check, Action<long> change)
    {
        var turn = TurnRows.FindPlace(session, FindHead(session, key, now).Id, sequence);
        check(turn?.Place);
        change(turn!.Value.Id);
        return StepResult.Applied;
    }

    private static StepResult Update(SqliteSession session, ChatKey key, UpdateStep step, SerializedSettings settings, DateTimeOffset now)
    {
        var chat = ChatRows.Find(session, key, now) ?? throw StepPreconditions.NoSuchChat();
        StepPreconditions.CheckVersion(chat.Record.Version, step.Version);
        LabelRows.Delete(session, key.Tenant, chat.Id, chat.Record.Settings.Labels);
        LabelRows.Insert(session, key.Tenant, chat.Id, step.Settings.Labels);
        ChatRows.ChangeSettings(session, chat.Id, settings, step, now);
        return StepResult.Applied;
    }

    private static HeadRow FindHead(SqliteSession session, ChatKey key, DateTimeOffset now) =>
        ChatRows.FindHead(session, key, now) ?? throw StepPreconditions.NoSuchChat();
}
