using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of owners, with the end of their leases by the clock of the database server.</summary>
internal static class OwnerRows
{
    // At most IOwnerStore.MaxLease from now.
    private const string Alive = "clock_timestamp() AND clock_timestamp() + interval '10 minutes'";

    /// <summary>The condition that the owner of turns t is gone, or there is none.</summary>
    public const string IsGone = $"NOT EXISTS (SELECT 1 FROM owners o WHERE o.owner = t.owner AND o.expires BETWEEN {Alive})";

    /// <summary>Extends the lease of an owner.</summary>
    public static void Beat(PostgresBatch batch, string owner, TimeSpan lifetime) => batch.Execute(
        """
        INSERT INTO owners (owner, expires) VALUES ($1, clock_timestamp() + $2)
        ON CONFLICT (owner) DO UPDATE SET expires = clock_timestamp() + $2
        """,
        Text(owner), Interval(lifetime));

    /// <summary>Deletes an owner.</summary>
    public static void Delete(PostgresBatch batch, string owner) => batch.Execute("DELETE FROM owners WHERE owner = $1", Text(owner));

    /// <summary>Deletes owners that are gone. An unknown owner is gone, too.</summary>
    public static void DeleteGone(PostgresBatch batch) => batch.Execute($"DELETE FROM owners WHERE expires NOT BETWEEN {Alive}");

    /// <inheritdoc cref="IOwnerStore.FindAbandonedAsync" />
    public static PostgresRows<BusyChat> FindAbandoned(PostgresBatch batch, AbandonedQuery query) =>
        FindBusy(batch, $"t.owner IS {(query.HasOwner ? "NOT NULL" : "NULL")} AND {IsGone}", query.MaxChats, query.After);

    /// <inheritdoc cref="IOperatorStore.ListBusyAsync" />
    public static PostgresRows<BusyChat> ListBusy(PostgresBatch batch, BusyQuery query) => FindBusy(
        batch,
        $"""
        t.create_time <= $5
        {(query.HasOwner is { } hasOwner ? $"AND t.owner IS {(hasOwner ? "NOT NULL" : "NULL")}" : "")}
        {(query.Tenant is null ? "" : "AND c.tenant = $6")}
        """,
        query.MaxChats,
        query.After,
        [Time(query.CreatedBefore ?? DateTimeOffset.MaxValue), .. query.Tenant is { } tenant ? (NpgsqlParameter[])[Text(tenant)] : []]);

    // Chats with a first pending turn t that meets a condition on the values from $5.
    private static PostgresRows<BusyChat> FindBusy(PostgresBatch batch, string condition, int maxChats, BusyChat? start, params NpgsqlParameter[] values)
    {
        var after = start ?? new BusyChat(new ChatKey("", ""), DateTimeOffset.MinValue);
        return batch.Query(
            row => new BusyChat(new ChatKey(row.Text(0), row.Text(1)), Ticks.ToTime(row.Int64(2))),
            $"""
            SELECT c.tenant, c.chat_id, t.create_time FROM turns t JOIN chats c ON c.id = t.chat
            WHERE t.state <= 2 AND t.create_time >= $2
                AND NOT EXISTS (SELECT 1 FROM turns e WHERE e.chat = t.chat AND e.state <= 2 AND e.sequence < t.sequence)
                AND (t.create_time, c.tenant, c.chat_id) > ($2, $3, $4)
                AND {condition}
            ORDER BY t.create_time, c.tenant, c.chat_id LIMIT $1
            """,
            [Number(maxChats), Time(after.CreateTime), Text(after.Key.Tenant), Text(after.Key.ChatId), .. values]);
    }
}
