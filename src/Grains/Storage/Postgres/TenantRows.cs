using static GenAI.Chats.Grains.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Grains.Storage.Postgres;

/// <summary>How many chats each tenant has, so that a limit is checked without counting. Only creations and deletions come here.</summary>
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
}
