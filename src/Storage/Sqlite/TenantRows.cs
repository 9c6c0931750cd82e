namespace GenAI.Chats.Storage.Sqlite;

/// <summary>What each tenant has: chats, counted as they come and go, so that a limit is checked without counting; bytes, counted when they are asked for.</summary>
internal static class TenantRows
{
    /// <summary>A tenant's chats.</summary>
    public static long CountChats(SqliteSession session, string tenant) =>
        session.Number("SELECT chats FROM tenants WHERE tenant = ?1", tenant) ?? 0;

    /// <summary>The bytes in the histories of a tenant's chats, summed up.</summary>
    public static long SumHistoryBytes(SqliteSession session, string tenant) =>
        session.Number("SELECT sum(history_bytes) FROM chats WHERE tenant = ?1", tenant) ?? 0;

    /// <summary>Counts chats in or out.</summary>
    public static void Add(SqliteSession session, string tenant, long chats) =>
        session.Execute(
            "INSERT INTO tenants (tenant, chats) VALUES (?1, ?2) ON CONFLICT (tenant) DO UPDATE SET chats = chats + excluded.chats",
            tenant, chats);
}
