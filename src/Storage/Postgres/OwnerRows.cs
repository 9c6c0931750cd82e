using GenAI.Chats.Engine.Storage;
using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Owners as rows: until when each lives by the server's clock, if it does not beat again.</summary>
internal static class OwnerRows
{
    // The latest is OwnerLifetimes.Max from now.
    private const string Alive = "clock_timestamp() AND clock_timestamp() + interval '10 minutes'";

    /// <summary>Whether the owner of turns t is gone, or there is none.</summary>
    public const string IsGone = $"NOT EXISTS (SELECT 1 FROM owners o WHERE o.owner = t.owner AND o.expires BETWEEN {Alive})";

    /// <summary>Says that an owner lives.</summary>
    public static void Beat(PostgresBatch batch, string owner, TimeSpan lifetime) => batch.Execute(
        """
        INSERT INTO owners (owner, expires) VALUES ($1, clock_timestamp() + $2)
        ON CONFLICT (owner) DO UPDATE SET expires = clock_timestamp() + $2
        """,
        Text(owner), Interval(lifetime));

    /// <summary>Says that an owner is gone.</summary>
    public static void Delete(PostgresBatch batch, string owner) => batch.Execute("DELETE FROM owners WHERE owner = $1", Text(owner));

    /// <summary>Forgets those that are gone; to be gone and to be unknown is the same.</summary>
    public static void DeleteGone(PostgresBatch batch) => batch.Execute($"DELETE FROM owners WHERE expires NOT BETWEEN {Alive}");

    /// <inheritdoc cref="IChatStore.FindAbandonedAsync" />
    public static PostgresRows<AbandonedChat> FindAbandoned(PostgresBatch batch, AbandonedQuery query)
    {
        var after = query.After ?? new AbandonedChat(new ChatKey("", ""), DateTimeOffset.MinValue);
        return batch.Query(
            row => new AbandonedChat(new ChatKey(row.GetText(0), row.GetText(1)), Ticks.ToTime(row.GetInt64(2))),
            $"""
            SELECT c.tenant, c.chat_id, t.create_time FROM turns t JOIN chats c ON c.id = t.chat
            WHERE t.state <= 2
                AND t.owner IS {(query.HasOwner ? "NOT NULL" : "NULL")} AND t.create_time >= $2
                AND NOT EXISTS (SELECT 1 FROM turns e WHERE e.chat = t.chat AND e.state <= 2 AND e.sequence < t.sequence)
                AND {IsGone}
                AND (t.create_time, c.tenant, c.chat_id) > ($2, $3, $4)
            ORDER BY t.create_time, c.tenant, c.chat_id LIMIT $1
            """,
            Number(query.MaxChats), Time(after.CreateTime), Text(after.Key.Tenant), Text(after.Key.ChatId));
    }
}
