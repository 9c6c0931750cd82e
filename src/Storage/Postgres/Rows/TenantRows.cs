using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of tenants, with the number of their chats, so that the limit is checked without counting. Turns don't change them.</summary>
internal static class TenantRows
{
    /// <summary>
    /// Adds one to the number of a tenant's chats. No row if the tenant has the maximum number. Expired chats that haven't been removed yet don't count.
    /// </summary>
    public static PostgresRows<long> Add(PostgresBatch batch, string tenant, long maxChats)
    {
        // A statement of its own takes the lock, so that no chat is removed between the count of the expired ones and the addition.
        batch.Query(_ => true, "SELECT 1 FROM tenants WHERE tenant = $1 FOR UPDATE", Text(tenant));
        return batch.Query(
            row => row.Int64(0),
            $"""
            INSERT INTO tenants (tenant, chats) SELECT $1, 1 WHERE $2 > 0
            ON CONFLICT (tenant) DO UPDATE SET chats = tenants.chats + 1
            WHERE tenants.chats < $2 OR tenants.chats - (SELECT count(*) FROM chats c WHERE c.tenant = $1 AND {ChatRows.IsExpired}) < $2
            RETURNING chats
            """,
            Text(tenant), Number(maxChats));
    }

    /// <inheritdoc cref="IOperatorStore.ListTenantsAsync" />
    public static PostgresRows<string> List(PostgresBatch batch, string after, int maxTenants) => batch.Query(
        row => row.Text(0), "SELECT tenant FROM tenants WHERE tenant > $1 AND chats > 0 ORDER BY tenant LIMIT $2", Text(after), Number(maxTenants));

    /// <summary>Sums the stored bytes of a tenant's chats that haven't expired.</summary>
    public static PostgresRows<long> SumStoredBytes(PostgresBatch batch, string tenant) => batch.Query(
        row => row.Int64(0), $"SELECT coalesce(sum(c.history_bytes), 0)::bigint FROM chats c WHERE c.tenant = $1 AND {ChatRows.IsLive}", Text(tenant));
}
