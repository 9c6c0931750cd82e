namespace GenAI.Chats.Grains.Storage.Sqlite;

/// <summary>How many chats each tenant has, so that a limit is checked without counting.</summary>
internal static class TenantRows
{
    /// <summary>A tenant's chats.</summary>
    public static long CountChats(SqliteSession session, string tenant) =>
        session.Number("SELECT chats FROM tenants WHERE tenant = ?1", tenant) ?? 0;

    /// <summary>Counts chats in or out.</summary>
    public static void Add(SqliteSession session, string tenant, long chats) =>
        session.Execute(
            "INSERT INTO tenants (tenant, chats) VALUES (?1, ?2) ON CONFLICT (tenant) DO UPDATE SET chats = chats + excluded.chats",
            tenant, chats);
}
