using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>
/// The steps, in two round trips each: one locks the chat and reads what may refuse the step, the other writes and commits. A step that is
/// refused leaves its transaction to be taken back.
/// </summary>
internal static class PostgresSteps
{
    /// <inheritdoc cref="IChatStore.CreateAsync" />
    public static async Task<ChatRecord?> CreateAsync(
        PostgresSession session, CreateStep step, StoredSettings settings, IReadOnlyList<StoredTurn> history)
    {
        var key = step.Chat.Key;
        var batch = session.BeginStep();
        var added = ChatRows.Insert(batch, step.Chat);
        var existing = ChatRows.Find(batch, key);
        var counted = TenantRows.Add(batch, key.Tenant, step.MaxChats);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (!added.Any)
        {
            return existing.First.Record ?? throw new ChatStoreException("The chat was deleted while it was created.");
        }

        if (!counted.Any)
        {
            throw new ChatLimitException(step.MaxChats);
        }

        batch = session.Batch();
        ChatRows.InsertSettings(batch, added.First, settings);
        LabelRows.Insert(batch, key.Tenant, added.First, step.Chat.Settings.Labels);
        foreach (var turn in history)
        {
            TurnRows.Insert(batch, added.First, turn);
        }

        await session.CommitAsync(batch).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc cref="IChatStore.AcceptAsync" />
    public static async Task<TurnRecord?> AcceptAsync(PostgresSession session, ChatKey key, AcceptStep step, StoredTurn turn)
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
            return holder;
        }

        StepRules.CheckAccept(step, place, last.First, holder, sameId.Any);
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

        await session.CommitAsync(batch).ConfigureAwait(false);
        return null;
    }

    /// <inheritdoc cref="IChatStore.StartAsync" />
    public static async Task StartAsync(PostgresSession session, ChatKey key, StartStep step)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        StepRules.CheckStart(step, Place(head, first), _ => first.First.IsOwnerGone);
        batch = session.Batch();
        TurnRows.Start(batch, head.First.Id, step);
        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.EndAsync" />
    public static async Task EndAsync(PostgresSession session, ChatKey key, EndStep step, byte[] outcome)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var first = TurnRows.FirstPending(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        StepRules.CheckEnd(step, Place(head, first), turn.Any ? turn.First.Place : null, _ => turn.First.IsOwnerGone);
        batch = session.Batch();
        TurnRows.End(batch, head.First.Id, step, outcome);
        ChatRows.Change(batch, head.First.Id, step.Head);
        if (step.HasProgress)
        {
            ProgressRows.Delete(batch, head.First.Id, step.Sequence);
        }

        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.KeepProgressAsync" />
    public static async Task KeepProgressAsync(PostgresSession session, ChatKey key, ProgressStep step, byte[] progress)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        var kept = ProgressRows.Count(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head);
        StepRules.CheckProgress(step, turn.Any ? turn.First.Place : null, kept.First);
        batch = session.Batch();
        ProgressRows.Insert(batch, head.First.Id, step, progress);
        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.StopAsync" />
    public static async Task StopAsync(PostgresSession session, ChatKey key, StopStep step)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head);
        StepRules.CheckStop(step, turn.Any ? turn.First.Place : null);
        batch = session.Batch();
        TurnRows.Stop(batch, head.First.Id, step);
        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.ReleaseAsync" />
    public static async Task ReleaseAsync(PostgresSession session, ChatKey key, ReleaseStep step)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var turn = TurnRows.FindPlace(batch, key, step.Sequence);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head);
        StepRules.CheckRelease(step, turn.Any ? turn.First.Place : null);
        batch = session.Batch();
        TurnRows.Release(batch, head.First.Id, step.Sequence);
        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.UpdateSettingsAsync" />
    public static async Task UpdateSettingsAsync(
        PostgresSession session, ChatKey key, long version, ChatSettings settings, StoredSettings stored, DateTimeOffset updateTime, long growth)
    {
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        RequireChat(head);
        StepRules.CheckVersion(head.First.Version, version);
        batch = session.Batch();
        LabelRows.Delete(batch, head.First.Id);
        LabelRows.Insert(batch, key.Tenant, head.First.Id, settings.Labels);
        ChatRows.ChangeSettings(batch, head.First.Id, stored, updateTime, growth);
        await session.CommitAsync(batch).ConfigureAwait(false);
    }

    /// <inheritdoc cref="IChatStore.DeleteAsync" />
    public static async Task<Deletion> DeleteAsync(PostgresSession session, ChatKey key, DeleteStep step)
    {
        // Locked by a statement of its own, so that the others see what was written while it waited.
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var known = Deletions.Find(batch, key, step.RequestId);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (known.Any || !head.Any)
        {
            return known.Any ? Deletion.DoneBefore : Deletion.NotFound;
        }

        batch = session.Batch();
        ChatRows.Delete(batch, key);
        Deletions.Add(batch, key, step);
        await session.CommitAsync(batch).ConfigureAwait(false);
        return Deletion.Done;
    }

    private static ChatPlace Place(PostgresRows<ChatHead> head, PostgresRows<TurnRow> first)
    {
        RequireChat(head);
        return new ChatPlace(head.First.Version, head.First.Revision, first.Any ? first.First.Place : null);
    }

    private static void RequireChat(PostgresRows<ChatHead> head)
    {
        if (!head.Any)
        {
            throw StepRules.NoSuchChat();
        }
    }
}
