namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of chats. Each turn rewrites the head, which is small. Settings and trees can be large, and have tables of their own.</summary>
internal static class ChatRows
{
    /// <summary>Finds a chat, unless it has expired.</summary>
    public static ChatRow? Find(SqliteSession session, ChatKey key, DateTimeOffset now) =>
        FindAny(session, key) is { } chat && !IsExpired(session, chat.Id, chat.Record.ExpireTime, now) ? chat : null;

    /// <summary>Finds a chat, even if it has expired.</summary>
    public static ChatRow? FindAny(SqliteSession session, ChatKey key)
    {
        using var row = session.Query(
            $"SELECT {ChatColumns.Names}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = ?1 AND c.chat_id = ?2",
            key.Tenant, key.ChatId);
        return row.Read() ? ChatColumns.ReadWithConfig(row) : null;
    }

    /// <summary>Finds a chat, unless it has expired, and reads only what preconditions depend on.</summary>
    public static HeadRow? FindHead(SqliteSession session, ChatKey key, DateTimeOffset now)
    {
        HeadRow head;
        DateTimeOffset? expireTime;
        using (var row = session.Query(
            "SELECT id, version, revision, incarnation, base_sequence, expire_time FROM chats WHERE tenant = ?1 AND chat_id = ?2", key.Tenant, key.ChatId))
        {
            if (!row.Read())
            {
                return null;
            }

            head = new HeadRow(row.Int64(0), row.Int64(1), row.Int64(2), row.Text(3), row.NumberOrNull(4));
            expireTime = row.TimeOrNull(5);
        }

        return IsExpired(session, head.Id, expireTime, now) ? null : head;
    }

    /// <summary>Returns the condition that a chat c hasn't expired. A chat with a pending turn doesn't expire.</summary>
    public static string IsLive(string now) => $"(c.expire_time IS NULL OR c.expire_time > {now} OR EXISTS ({TurnRows.PendingOf("c.id")}))";

    /// <summary>Indicates whether a chat has expired. A chat with a pending turn doesn't expire.</summary>
    public static bool IsExpired(SqliteSession session, long chat, DateTimeOffset? expireTime, DateTimeOffset now) =>
        expireTime <= now && TurnRows.FirstPending(session, chat) is null;

    /// <summary>Finds chats that have expired, the first ones first.</summary>
    public static List<ChatRow> FindExpired(SqliteSession session, DateTimeOffset now, int max)
    {
        var chats = new List<ChatRow>();
        using var row = session.Query(
            $"""
            SELECT {ChatColumns.Names} FROM chats c INDEXED BY chats_by_expiry CROSS JOIN settings s ON s.chat = c.id
            WHERE c.expire_time <= ?1 AND NOT EXISTS ({TurnRows.PendingOf("c.id")}) ORDER BY c.expire_time LIMIT ?2
            """,
            now.UtcTicks, (long)max);
        while (row.Read())
        {
            chats.Add(ChatColumns.Read(row));
        }

        return chats;
    }

    /// <summary>Counts the chats of a tenant that have expired.</summary>
    public static long CountExpired(SqliteSession session, string tenant, DateTimeOffset now) => session.Number(
        $"""
        SELECT count(*) FROM chats c INDEXED BY chats_by_expiry
        WHERE c.expire_time <= ?2 AND c.tenant = ?1 AND NOT EXISTS ({TurnRows.PendingOf("c.id")})
        """,
        tenant,
        now.UtcTicks) ?? 0;

    /// <summary>Inserts a chat, and returns the ID of its row.</summary>
    public static long Insert(SqliteSession session, ChatRecord chat, SerializedSettings settings, DateTimeOffset now, long? baseSequence = null)
    {
        var id = session.Insert(
            """
            INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
                create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation, base_sequence, expire_time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
            """,
            chat.Key.Tenant, chat.Key.ChatId, chat.Version, chat.Revision, chat.TurnCount, chat.StoredBytes, chat.TotalUsage?.ToByteArray(),
            chat.CreateTime.UtcTicks, chat.UpdateTime.UtcTicks, chat.CreateRequestId, chat.CreateRequestHash.ToArray(), NullIfNone(chat.OpenSequence),
            chat.Incarnation, baseSequence, ChatExpiry.Of(chat.Settings, now)?.UtcTicks);
        session.Execute("INSERT INTO settings (chat, settings, config) VALUES (?1, ?2, ?3)", id, settings.RestBytes, settings.Config);
        TreeRows.Set(session, id, chat.Tree);
        return id;
    }

    /// <summary>Changes a head when a turn ends, or when the head moves.</summary>
    public static void Change(SqliteSession session, long chat, HeadChange change, DateTimeOffset now)
    {
        // A statement changes the indexes of all columns that it sets, so it sets no others. The expire time never moves back, and stays null.
        ReadOnlySpan<SqliteValue> values =
        [
            chat, change.StoredBytes, change.TotalUsage?.ToByteArray(), change.Revision, change.TurnCount, change.UpdateTime.UtcTicks, (now + change.Ttl)?.UtcTicks,
        ];
        const string Sums = "UPDATE chats SET history_bytes = history_bytes + ?2, total_usage = ?3";
        const string History = $"{Sums}, revision = ?4, turn_count = coalesce(?5, turn_count + 1), update_time = ?6";
        switch (change)
        {
            case { ChangesHistory: true, Ttl: not null }:
                session.Execute($"{History}, expire_time = max(expire_time, ?7) WHERE id = ?1", values);
                break;
            case { ChangesHistory: true }:
                session.Execute($"{History} WHERE id = ?1", values[..6]);
                break;
            case { Ttl: not null }:
                session.Execute($"{Sums}, expire_time = max(expire_time, ?4) WHERE id = ?1", [.. values[..3], values[6]]);
                break;
            default:
                session.Execute($"{Sums} WHERE id = ?1", values[..3]);
                break;
        }

        if (change.OpenSequence is { } open)
        {
            session.Execute("UPDATE chats SET open_sequence = ?2 WHERE id = ?1", chat, NullIfNone(open));
        }

        TreeRows.Set(session, chat, change.Tree);
        foreach (var closed in change.Closes)
        {
            session.Execute(
                """
                UPDATE turns SET curated = 1
                WHERE chat = coalesce((SELECT log FROM ranges WHERE chat = ?1 AND first <= ?2 AND last >= ?2), ?1) AND sequence = ?2
                """,
                chat, closed);
        }
    }

    /// <summary>Deletes a chat except its log, which is left to <see cref="LogSweeps"/>.</summary>
    public static void Delete(SqliteSession session, in ChatRow chat)
    {
        var tenant = chat.Record.Key.Tenant;
        LabelRows.Delete(session, tenant, chat.Id, chat.Record.Settings.Labels);
        session.Execute("DELETE FROM settings WHERE chat = ?1", chat.Id);
        session.Execute("DELETE FROM trees WHERE chat = ?1", chat.Id);
        session.Execute("DELETE FROM chats WHERE id = ?1", chat.Id);
        if (chat.BaseSequence is not null)
        {
            RangeRows.Delete(session, chat.Id);
        }

        LogSweeps.Add(session, chat.Id);
        TenantRows.Add(session, tenant, -1);
    }

    /// <summary>Replaces the settings, and changes the version, the update time, and the stored bytes.</summary>
    public static void ChangeSettings(SqliteSession session, long chat, SerializedSettings settings, UpdateStep step, DateTimeOffset now)
    {
        session.Execute("UPDATE settings SET settings = ?2, config = ?3 WHERE chat = ?1", chat, settings.RestBytes, settings.Config);
        session.Execute(
            "UPDATE chats SET version = version + 1, update_time = ?2, history_bytes = history_bytes + ?3 WHERE id = ?1", chat,
            step.UpdateTime.UtcTicks, step.Growth);
        if (step.SetsExpiry)
        {
            session.Execute("UPDATE chats SET expire_time = ?2 WHERE id = ?1", chat, ChatExpiry.Of(step.Settings, now)?.UtcTicks);
        }
    }

    private static long? NullIfNone(long sequence) => sequence == 0 ? null : sequence;
}

/// <summary>The ID of a chat's row, and what preconditions depend on.</summary>
/// <param name="Id">The ID of its row.</param>
/// <param name="Version">The version of the settings.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="BaseSequence">As <see cref="ChatRow.BaseSequence"/>.</param>
internal readonly record struct HeadRow(long Id, long Version, long Revision, string Incarnation, long? BaseSequence);
