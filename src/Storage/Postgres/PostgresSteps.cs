using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>
/// Runs steps in two round trips each. The first one locks the chat and reads what the preconditions depend on; the second one writes and
/// commits. If a precondition doesn't hold, the transaction is rolled back.
/// </summary>
internal static class PostgresSteps
{
    /// <inheritdoc cref="IChatStore.ApplyAsync" />
    public static Task<StepResult> ApplyAsync(PostgresSession session, SerializedStep step)
    {
        var key = step.Key;
        return step.Step switch
        {
            CreateStep create => PostgresLifecycle.CreateAsync(session, create, step),
            ForkStep fork => PostgresLifecycle.ForkAsync(session, fork, step.Settings!),
            AcceptStep accept => AcceptAsync(session, key, accept, step.Turns[0]),
            StartStep start => StartAsync(session, key, start),
            EndStep end => EndAsync(session, key, end, step.Message),
            StopStep stop => ChangeTurnAsync(
                session, key, stop.Sequence, turn => StepPreconditions.CheckStop(stop, turn), (batch, chat) => TurnRows.Stop(batch, chat, stop)),
            ReleaseStep release => ChangeTurnAsync(
                session, key, release.Sequence, turn => StepPreconditions.CheckRelease(release, turn), (batch, chat) => TurnRows.Release(batch, chat, release.Sequence)),
            ProgressStep progress => KeepProgressAsync(session, key, progress, step.Message),
            UpdateStep update => UpdateAsync(session, key, update, step.Settings!),
            DeleteStep delete => PostgresLifecycle.DeleteAsync(session, key, delete),
            var other => throw new ArgumentException($"Unknown step '{other.Name}'.", nameof(step)),
        };
    }

    private static async Task<StepResult> AcceptAsync(PostgresSession session, ChatKey key, AcceptStep step, SerializedTurn turn)
    {
        var requestId = step.Turn.RequestId;
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        var holders = TurnRows.FindRequest(batch, key, requestId, ChatRows.Id);
        var sameId = TurnRows.HasTurn(batch, key, step.Turn.TurnId);
        var last = TurnRows.LastSequence(batch, key);
        var ranges = step.Head?.Keeps is null ? null : RangeRows.Read(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        var place = Place(head, first);
        var holder = holders.First;
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(holder);
        }

        StepPreconditions.CheckAccept(step, place, last.Any ? last.First : head.First.BaseSequence ?? 0, holder, sameId.Any);
        batch = session.Batch();
        if (holder is not null)
        {
            TurnRows.ClearRequest(batch, head.First.Id, requestId);
        }

        if (step.StopsOthers is not TurnStop.None)
        {
            TurnRows.StopPending(batch, head.First.Id, step.StopsOthers);
        }

        TurnRows.Insert(batch, head.First.Id, turn);
        if (step.Head is { } change)
        {
            ChatRows.Change(batch, head.First.Id, change);
            if (change.Keeps is { } keeps)
            {
                // The entry for the change of the head remains.
                RangeRows.Replace(batch, head.First.Id, new VisibleLog(head.First.Id, ranges!.All).Keep(keeps, step.Turn.Sequence));
            }
        }

        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> StartAsync(PostgresSession session, ChatKey key, StartStep step)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        StepPreconditions.CheckStart(step, Place(head, first), _ => first.First.IsOwnerGone);
        batch = session.Batch();
        TurnRows.Start(batch, head.First.Id, step);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> EndAsync(PostgresSession session, ChatKey key, EndStep step, byte[] outcome)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        StepPreconditions.CheckEnd(step, Place(head, first), Place(turn), _ => turn.First.IsOwnerGone);
        batch = session.Batch();
        TurnRows.End(batch, head.First.Id, step, outcome);
        ChatRows.Change(batch, head.First.Id, step.Head);
        if (step.HasProgress)
        {
            ProgressRows.Delete(batch, head.First.Id, step.Sequence);
        }

        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> KeepProgressAsync(PostgresSession session, ChatKey key, ProgressStep step, byte[] progress)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        var kept = ProgressRows.Count(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head, turn);
        StepPreconditions.CheckProgress(step, Place(turn), kept.First);
        batch = session.Batch();
        ProgressRows.Insert(batch, head.First.Id, step, progress);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> ChangeTurnAsync(
        PostgresSession session, ChatKey key, long sequence, Action<TurnPlace?> check, Action<PostgresBatch, long> change)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var turn = TurnRows.FindPlace(batch, key, sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head, turn);
        check(Place(turn));
        batch = session.Batch();
        change(batch, head.First.Id);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> UpdateAsync(PostgresSession session, ChatKey key, UpdateStep step, SerializedSettings settings)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head, first);
        StepPreconditions.CheckVersion(head.First.Version, step.Version);
        batch = session.Batch();
        LabelRows.Delete(batch, head.First.Id);
        LabelRows.Insert(batch, key.Tenant, head.First.Id, step.Settings.Labels);
        ChatRows.ChangeSettings(batch, head.First.Id, settings, step);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> CommitAsync(PostgresSession session, PostgresBatch batch)
    {
        await session.CommitAsync(batch).ConfigureAwait(false);
        return StepResult.Applied;
    }

    private static ChatPlace Place(PostgresRows<HeadRow> head, PostgresRows<TurnRow> first)
    {
        RequireChat(head, first);
        return new ChatPlace(head.First.Version, head.First.Revision, Place(first));
    }

    private static TurnPlace? Place(PostgresRows<TurnRow> turn) => turn.Any ? turn.First.Place : null;

    // A pending turn keeps a chat that has expired. The turn that a step changes is a pending one, or the step fails anyway.
    private static void RequireChat(PostgresRows<HeadRow> head, PostgresRows<TurnRow> pending)
    {
        if (!head.Any || (head.First.IsDue && !pending.Any))
        {
            throw StepPreconditions.NoSuchChat();
        }
    }
}
