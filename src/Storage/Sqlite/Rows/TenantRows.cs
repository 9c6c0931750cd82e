namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of tenants, with the number of their chats, so that the limit is checked without counting.</summary>
internal static class TenantRows
{
    /// <summary>Indicates whether a tenant has the maximum number of chats. Expired chats that haven't been removed yet don't count.</summary>
    public static bool HasMaxChats(SqliteSession session, string tenant, long maxChats, DateTimeOffset now)
    {
        var chats = session.Number("SELECT chats FROM tenants WHERE tenant = ?1", tenant) ?? 0;
        return chats >= maxChats && chats - ChatRows.CountExpired(session, tenant, now) >= maxChats;
    }

    /// <summary>Sums the stored bytes of a tenant's chats that haven't expired.</summary>
    public static long SumStoredBytes(SqliteSession session, string tenant, DateTimeOffset now) => session.Number(
        $"SELECT sum(c.history_bytes) FROM chats c WHERE c.tenant = ?1 AND {ChatRows.IsLive("?2")}", tenant, now.UtcTicks) ?? 0;

    /// <inheritdoc cref="IOperatorStore.ListTenantsAsync" />
    public static List<string> List(SqliteSession session, string after, int maxTenants)
    {
        var found = new List<string>();
        using var row = session.Query("SELECT tenant FROM tenants WHERE tenant > ?1 AND chats > 0 ORDER BY tenant LIMIT ?2", after, maxTenants);
        while (row.Read())
        {
            found.Add(row.Text(0));
        }

        return found;
    }

    /// <summary>Adds to the number of a tenant's chats.</summary>
    public static void Add(SqliteSession session, string tenant, long chats) =>
        session.Execute(
            "INSERT INTO tenants (tenant, chats) VALUES (?1, ?2) ON CONFLICT (tenant) DO UPDATE SET chats = chats + excluded.chats",
            tenant, chats);
}
