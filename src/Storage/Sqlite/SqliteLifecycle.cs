using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Runs the steps that create and delete chats, in the writer's transaction.</summary>
internal static class SqliteLifecycle
{
    /// <summary>Creates a chat.</summary>
    public static StepResult Create(SqliteSession session, CreateStep step, SerializedStep serialized, DateTimeOffset now)
    {
        var key = step.Chat.Key;
        var existing = ChatRows.FindAny(session, key);
        if (IsThere(session, existing, now))
        {
            return StepResult.Exists(existing!.Value.Record);
        }

        var id = Add(session, existing, step.Chat, serialized.Settings!, step.MaxChats, now);
        foreach (var turn in serialized.Turns)
        {
            TurnRows.Insert(session, id, turn);
        }

        return StepResult.Applied;
    }

    /// <summary>Creates a fork.</summary>
    public static StepResult Fork(SqliteSession session, ForkStep step, SerializedSettings settings, DateTimeOffset now)
    {
        var existing = ChatRows.FindAny(session, step.Chat.Key);
        if (IsThere(session, existing, now))
        {
            return StepResult.Exists(existing!.Value.Record);
        }

        var source = ChatRows.FindHead(session, step.Source, now);
        var log = source is { } head ? RangeRows.Read(session, head.Id, head.BaseSequence) : null;
        StepPreconditions.CheckFork(
            step, source?.Incarnation, log is not null && log.HasAll(step.Path, TurnRows.LastSequence(session, source!.Value.Id, source.Value.BaseSequence)));
        var id = Add(session, existing, step.Chat, settings, step.MaxChats, now, VisibleLog.LastOf(step.Path));
        RangeRows.Insert(session, id, log!.Fork(id, step.Path));
        return StepResult.Applied;
    }

    /// <summary>Deletes a chat.</summary>
    public static Deletion Delete(SqliteSession session, ChatKey key, DeleteStep step, DateTimeOffset now)
    {
        if (DeletionRows.IsKnown(session, key, step.RequestId))
        {
            return Deletion.DoneBefore;
        }

        if (ChatRows.Find(session, key, now) is not { } chat)
        {
            return Deletion.NotFound;
        }

        ChatRows.Delete(session, chat);
        DeletionRows.Add(session, key, step);
        return Deletion.Done;
    }

    private static bool IsThere(SqliteSession session, ChatRow? chat, DateTimeOffset now) =>
        chat is { } row && !ChatRows.IsExpired(session, row.Id, row.Record.ExpireTime, now);

    private static long Add(
        SqliteSession session, ChatRow? expired, ChatRecord chat, SerializedSettings settings, long maxChats, DateTimeOffset now, long? baseSequence = null)
    {
        var tenant = chat.Key.Tenant;
        if (TenantRows.HasMaxChats(session, tenant, maxChats, now))
        {
            throw new ChatLimitException(maxChats);
        }

        if (expired is { } old)
        {
            ChatRows.Delete(session, old);
        }

        var id = ChatRows.Insert(session, chat, settings, now, baseSequence);
        TenantRows.Add(session, tenant, 1);
        LabelRows.Insert(session, tenant, id, chat.Settings.Labels);
        return id;
    }
}
