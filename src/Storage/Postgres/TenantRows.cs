using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>
/// What each tenant has: chats, counted as they come and go, so that a limit is checked without counting; bytes, counted when they are asked for. No turn
/// writes here.
/// </summary>
internal static class TenantRows
{
    /// <summary>Counts a chat in, unless the tenant has as many as it may have; then there is no row.</summary>
    public static PostgresRows<long> Add(PostgresBatch batch, string tenant, long maxChats) => batch.Query(
        row => row.GetInt64(0),
        """
        INSERT INTO tenants (tenant, chats) SELECT $1, 1 WHERE $2 > 0
        ON CONFLICT (tenant) DO UPDATE SET chats = tenants.chats + 1 WHERE tenants.chats < $2
        RETURNING chats
        """,
        Text(tenant), Number(maxChats));

    /// <summary>The bytes in the histories of a tenant's chats, summed up.</summary>
    public static PostgresRows<long> SumHistoryBytes(PostgresBatch batch, string tenant) => batch.Query(
        row => row.GetInt64(0), "SELECT coalesce(sum(history_bytes), 0)::bigint FROM chats WHERE tenant = $1", Text(tenant));
}
