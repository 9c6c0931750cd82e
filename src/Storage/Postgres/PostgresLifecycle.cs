using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Runs the steps that create and delete chats, in two round trips each.</summary>
internal static class PostgresLifecycle
{
    /// <summary>Creates a chat.</summary>
    public static async Task<StepResult> CreateAsync(PostgresSession session, CreateStep step, SerializedStep serialized)
    {
        var batch = session.BeginStep();
        var chat = Insert(batch, step.Chat, step.MaxChats);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (chat.Existing is { } existing)
        {
            return StepResult.Exists(existing);
        }

        var id = chat.CheckLimit(step.MaxChats);
        batch = session.Batch();
        ChatRows.InsertRest(batch, id, step.Chat, serialized.Settings!);
        foreach (var turn in serialized.Turns)
        {
            TurnRows.Insert(batch, id, turn);
        }

        await session.CommitAsync(batch).ConfigureAwait(false);
        return StepResult.Applied;
    }

    /// <summary>Creates a fork.</summary>
    public static async Task<StepResult> ForkAsync(PostgresSession session, ForkStep step, SerializedSettings settings)
    {
        // Until the commit, the source can't lose turns.
        var batch = session.BeginStep();
        var source = ChatRows.LockSource(batch, step.Source);
        var pending = TurnRows.FirstPending(batch, step.Source);
        var last = TurnRows.LastSequence(batch, step.Source);
        var ranges = RangeRows.Read(batch, step.Source);
        var chat = Insert(batch, step.Chat, step.MaxChats, VisibleLog.LastOf(step.Path));
        await session.RunAsync(batch).ConfigureAwait(false);
        if (chat.Existing is { } existing)
        {
            return StepResult.Exists(existing);
        }

        var head = source.First;
        var isThere = source.Any && (!head.IsDue || pending.Any);
        var log = new VisibleLog(head.Id, ranges.All);
        StepPreconditions.CheckFork(
            step, isThere ? head.Incarnation : null, isThere && log.HasAll(step.Path, last.Any ? last.First : head.BaseSequence ?? 0));
        var id = chat.CheckLimit(step.MaxChats);
        batch = session.Batch();
        ChatRows.InsertRest(batch, id, step.Chat, settings);
        RangeRows.Insert(batch, id, log.Fork(id, step.Path));
        await session.CommitAsync(batch).ConfigureAwait(false);
        return StepResult.Applied;
    }

    /// <summary>Deletes a chat.</summary>
    public static async Task<StepResult> DeleteAsync(PostgresSession session, ChatKey key, DeleteStep step)
    {
        // A statement of its own takes the lock, so that the others see what was written while it waited.
        var batch = session.BeginStep();
        var head = ChatRows.LockHead(batch, key);
        var pending = TurnRows.FirstPending(batch, key);
        var known = DeletionRows.Find(batch, key, step.RequestId);
        await session.RunAsync(batch).ConfigureAwait(false);
        if (known.Any || !head.Any || (head.First.IsDue && !pending.Any))
        {
            return StepResult.Of(known.Any ? Deletion.DoneBefore : Deletion.NotFound);
        }

        batch = session.Batch();
        ChatRows.Delete(batch, head.First.Id);
        DeletionRows.Add(batch, key, step);
        await session.CommitAsync(batch).ConfigureAwait(false);
        return StepResult.Applied;
    }

    private static NewChat Insert(PostgresBatch batch, ChatRecord chat, long maxChats, long? baseSequence = null)
    {
        ChatRows.DeleteExpired(batch, chat.Key);
        return new NewChat(ChatRows.Insert(batch, chat, baseSequence), ChatRows.Find(batch, chat.Key), TenantRows.Add(batch, chat.Key.Tenant, maxChats));
    }

    /// <summary>The results of the statements that insert a chat, when they have run.</summary>
    /// <param name="Added">The ID of its row. No row if it exists.</param>
    /// <param name="Found">The chat. No row if it was inserted and has no settings yet.</param>
    /// <param name="Counted">The number of chats. No row if the tenant has the maximum number.</param>
    private readonly record struct NewChat(PostgresRows<long> Added, PostgresRows<ChatRow> Found, PostgresRows<long> Counted)
    {
        /// <summary>The chat, if it existed.</summary>
        public ChatRecord? Existing => Added.Any
            ? null
            : Found.First.Record ?? throw new ChatStoreException("The chat was deleted while it was created.");

        /// <summary>Returns the ID of the row.</summary>
        public long CheckLimit(long maxChats) => Counted.Any ? Added.First : throw new ChatLimitException(maxChats);
    }
}
