namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of owners, with the end of their leases.</summary>
internal static class OwnerRows
{
    /// <summary>Extends the lease of an owner.</summary>
    public static void Beat(SqliteSession session, string owner, DateTimeOffset expires) =>
        session.Execute(
            "INSERT INTO owners (owner, expires) VALUES (?1, ?2) ON CONFLICT (owner) DO UPDATE SET expires = excluded.expires",
            owner, expires.UtcTicks);

    /// <summary>Deletes an owner.</summary>
    public static int Delete(SqliteSession session, string owner) => session.Execute("DELETE FROM owners WHERE owner = ?1", owner);

    /// <summary>Deletes owners that are gone. An unknown owner is gone, too.</summary>
    public static void DeleteGone(SqliteSession session, DateTimeOffset now) =>
        session.Execute("DELETE FROM owners WHERE expires NOT BETWEEN ?1 AND ?2", now.UtcTicks, Latest(now));

    /// <summary>Indicates whether an owner is gone.</summary>
    public static bool IsGone(SqliteSession session, string owner, DateTimeOffset now) =>
        session.Number("SELECT 1 FROM owners WHERE owner = ?1 AND expires BETWEEN ?2 AND ?3", owner, now.UtcTicks, Latest(now)) is null;

    /// <inheritdoc cref="IOwnerStore.FindAbandonedAsync" />
    public static List<BusyChat> FindAbandoned(SqliteSession session, DateTimeOffset now, AbandonedQuery query) => FindBusy(
        session,
        $"""
        t.owner IS {(query.HasOwner ? "NOT NULL" : "NULL")}
        AND NOT EXISTS (SELECT 1 FROM owners o WHERE o.owner = t.owner AND o.expires BETWEEN ?5 AND ?6)
        """,
        query.MaxChats,
        query.After,
        now.UtcTicks,
        Latest(now));

    /// <inheritdoc cref="IOperatorStore.ListBusyAsync" />
    public static List<BusyChat> ListBusy(SqliteSession session, BusyQuery query) => FindBusy(
        session,
        $"""
        t.create_time <= ?5
        {(query.HasOwner is { } hasOwner ? $"AND t.owner IS {(hasOwner ? "NOT NULL" : "NULL")}" : "")}
        {(query.Tenant is null ? "" : "AND c.tenant = ?6")}
        """,
        query.MaxChats,
        query.After,
        [(query.CreatedBefore ?? DateTimeOffset.MaxValue).UtcTicks, .. query.Tenant is { } tenant ? (SqliteValue[])[tenant] : []]);

    // Chats with a first pending turn t that meets a condition on the values from ?5.
    private static List<BusyChat> FindBusy(SqliteSession session, string condition, int maxChats, BusyChat? start, params SqliteValue[] values)
    {
        var found = new List<BusyChat>();
        var after = start ?? new BusyChat(new ChatKey("", ""), DateTimeOffset.MinValue);
        using var row = session.Query(
            $"""
            SELECT c.tenant, c.chat_id, t.create_time FROM turns t CROSS JOIN chats c ON c.id = t.chat
            WHERE t.state <= 2 AND t.create_time >= ?2
                AND NOT EXISTS (SELECT 1 FROM turns e WHERE e.chat = t.chat AND e.state <= 2 AND e.sequence < t.sequence)
                AND (t.create_time, c.tenant, c.chat_id) > (?2, ?3, ?4)
                AND {condition}
            ORDER BY t.create_time, c.tenant, c.chat_id LIMIT ?1
            """,
            [maxChats, after.CreateTime.UtcTicks, after.Key.Tenant, after.Key.ChatId, .. values]);
        while (row.Read())
        {
            found.Add(new BusyChat(new ChatKey(row.Text(0), row.Text(1)), Ticks.ToTime(row.Int64(2))));
        }

        return found;
    }

    private static long Latest(DateTimeOffset now) => (now + IOwnerStore.MaxLease).UtcTicks;
}
