using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres.Connections;
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
            CreateStep create => CreateAsync(session, create, step),
            AcceptStep accept => AcceptAsync(session, key, accept, step.Turns[0]),
            StartStep start => StartAsync(session, key, start),
            EndStep end => EndAsync(session, key, end, step.Message),
            StopStep stop => ChangeTurnAsync(
                session, key, stop.Sequence, turn => StepPreconditions.CheckStop(stop, turn), (batch, chat) => TurnRows.Stop(batch, chat, stop)),
            ReleaseStep release => ChangeTurnAsync(
                session, key, release.Sequence, turn => StepPreconditions.CheckRelease(release, turn), (batch, chat) => TurnRows.Release(batch, chat, release.Sequence)),
            ProgressStep progress => KeepProgressAsync(session, key, progress, step.Message),
            UpdateStep update => UpdateAsync(session, key, update, step.Settings!),
            DeleteStep delete => DeleteAsync(session, key, delete),
            var other => throw new ArgumentException($"Unknown step '{other.Name}'.", nameof(step)),
        };
    }

    private static async Task<StepResult> CreateAsync(PostgresSession session, CreateStep step, SerializedStep serialized)
    {
        var key = step.Chat.Key;
        var batch = session.BeginStep();
        var added = ChatRows.Insert(batch, step.Chat);
        var existing = ChatRows.Find(batch, key);
        var counted = TenantRows.Add(batch, key.Tenant, step.MaxChats);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (!added.Any)
        {
            return StepResult.Exists(existing.First.Record ?? throw new ChatStoreException("The chat was deleted while it was created."));
        }

        if (!counted.Any)
        {
            throw new ChatLimitException(step.MaxChats);
        }

        batch = session.Batch();
        ChatRows.InsertSettings(batch, added.First, serialized.Settings!);
        LabelRows.Insert(batch, key.Tenant, added.First, step.Chat.Settings.Labels);
        foreach (var turn in serialized.Turns)
        {
            TurnRows.Insert(batch, added.First, turn);
        }

        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> AcceptAsync(PostgresSession session, ChatKey key, AcceptStep step, SerializedTurn turn)
    {
        var requestId = step.Turn.RequestId;
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        var holders = TurnRows.FindRequest(batch, key, requestId);
        var sameId = TurnRows.HasTurn(batch, key, step.Turn.TurnId);
        var last = TurnRows.LastSequence(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        var place = Place(head, first);
        var holder = holders.First;
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(holder);
        }

        StepPreconditions.CheckAccept(step, place, last.First, holder, sameId.Any);
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

        RequireChat(head);
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

        RequireChat(head);
        check(Place(turn));
        batch = session.Batch();
        change(batch, head.First.Id);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> UpdateAsync(PostgresSession session, ChatKey key, UpdateStep step, SerializedSettings settings)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head);
        StepPreconditions.CheckVersion(head.First.Version, step.Version);
        batch = session.Batch();
        LabelRows.Delete(batch, head.First.Id);
        LabelRows.Insert(batch, key.Tenant, head.First.Id, step.Settings.Labels);
        ChatRows.ChangeSettings(batch, head.First.Id, settings, step);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> DeleteAsync(PostgresSession session, ChatKey key, DeleteStep step)
    {
        // A statement of its own takes the lock, so that the others see what was written while it waited.
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var known = DeletionRows.Find(batch, key, step.RequestId);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (known.Any || !head.Any)
        {
            return StepResult.Of(known.Any ? Deletion.DoneBefore : Deletion.NotFound);
        }

        batch = session.Batch();
        ChatRows.Delete(batch, key);
        DeletionRows.Add(batch, key, step);
        return await CommitAsync(session, batch).ConfigureAwait(false);
    }

    private static async Task<StepResult> CommitAsync(PostgresSession session, PostgresBatch batch)
    {
        await session.CommitAsync(batch).ConfigureAwait(false);
        return StepResult.Applied;
    }

    private static ChatPlace Place(PostgresRows<ChatHead> head, PostgresRows<TurnRow> first)
    {
        RequireChat(head);
        return new ChatPlace(head.First.Version, head.First.Revision, Place(first));
    }

    private static TurnPlace? Place(PostgresRows<TurnRow> turn) => turn.Any ? turn.First.Place : null;

    private static void RequireChat(PostgresRows<ChatHead> head)
    {
        if (!head.Any)
        {
            throw StepPreconditions.NoSuchChat();
        }
    }
}
