using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of the tokens that a tenant used on a day, one for each process that counted them. No two processes write the same row.</summary>
internal static class UsageRows
{
    /// <summary>The script of schema version 4. A day is the number of days since January 1 of the year 1.</summary>
    public const string Version4 = """
        CREATE TABLE tenant_usage (
            day bigint NOT NULL,
            tenant text COLLATE "C" NOT NULL,
            owner text COLLATE "C" NOT NULL,
            tokens bigint NOT NULL,
            PRIMARY KEY (day, tenant, owner)
        );
        """;

    /// <inheritdoc cref="ITenantUsageStore.KeepUsageAsync" />
    public static void Keep(PostgresBatch batch, UsageStep step)
    {
        batch.Execute("DELETE FROM tenant_usage WHERE day < $1", Number(step.ForgottenBefore.DayNumber));
        batch.Execute(
            """
            INSERT INTO tenant_usage AS u (day, tenant, owner, tokens) SELECT $1, tenant, $2, tokens FROM unnest($3, $4) AS new (tenant, tokens)
            ON CONFLICT (day, tenant, owner) DO UPDATE SET tokens = excluded.tokens WHERE excluded.tokens > u.tokens
            """,
            Number(step.Day.DayNumber), Text(step.Owner), Texts([.. step.Tokens.Keys]), Numbers([.. step.Tokens.Values]));
    }

    /// <inheritdoc cref="ITenantUsageStore.ReadUsageAsync" />
    public static PostgresRows<(string Owner, long Tokens)> Read(PostgresBatch batch, string tenant, DateOnly day) => batch.Query(
        row => (row.Text(0), row.Int64(1)),
        "SELECT owner, tokens FROM tenant_usage WHERE day = $1 AND tenant = $2",
        Number(day.DayNumber), Text(tenant));
}
