namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of the tokens that a tenant used on a day, one for each process that counted them.</summary>
internal static class UsageRows
{
    /// <summary>The script of schema version 4. A day is the number of days since January 1 of the year 1.</summary>
    public const string Version4 = """
        CREATE TABLE tenant_usage (
            day INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            owner TEXT NOT NULL,
            tokens INTEGER NOT NULL,
            PRIMARY KEY (day, tenant, owner)
        ) STRICT, WITHOUT ROWID;
        """;

    /// <inheritdoc cref="ITenantUsageStore.KeepUsageAsync" />
    public static void Keep(SqliteSession session, UsageStep step)
    {
        session.Execute("DELETE FROM tenant_usage WHERE day < ?1", step.ForgottenBefore.DayNumber);
        foreach (var (tenant, tokens) in step.Tokens)
        {
            session.Execute(
                """
                INSERT INTO tenant_usage (day, tenant, owner, tokens) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (day, tenant, owner) DO UPDATE SET tokens = excluded.tokens WHERE excluded.tokens > tokens
                """,
                step.Day.DayNumber, tenant, step.Owner, tokens);
        }
    }

    /// <inheritdoc cref="ITenantUsageStore.ReadUsageAsync" />
    public static Dictionary<string, long> Read(SqliteSession session, string tenant, DateOnly day)
    {
        var tokens = new Dictionary<string, long>(StringComparer.Ordinal);
        using var row = session.Query("SELECT owner, tokens FROM tenant_usage WHERE day = ?1 AND tenant = ?2", day.DayNumber, tenant);
        while (row.Read())
        {
            tokens.Add(row.Text(0), row.Int64(1));
        }

        return tokens;
    }
}
