using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>The schema, and its migrations. A released script never changes: a change of the schema is a new script.</summary>
internal static class PostgresSchema
{
    private static readonly string[] Scripts = [Version1, Version2, Version3, UsageRows.Version4, Version5, Version6];

    // The advisory lock that processes of all versions take while they check and change the schema.
    internal const long UpgradeLock = 0x67656E_61696368;

    // Times are UTC ticks, except for those of the server's clock. Texts are compared by their bytes. The rows that steps rewrite are small. Large
    // values are written once.
    private const string Version1 = """
        CREATE TABLE chats (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tenant text COLLATE "C" NOT NULL,
            chat_id text COLLATE "C" NOT NULL,
            version bigint NOT NULL,
            revision bigint NOT NULL,
            turn_count bigint NOT NULL,
            history_bytes bigint NOT NULL,
            total_usage bytea,
            create_time bigint NOT NULL,
            update_time bigint NOT NULL,
            create_request_id text COLLATE "C" NOT NULL,
            create_request_hash bytea NOT NULL
        );
        CREATE UNIQUE INDEX chats_by_key ON chats (tenant, chat_id);
        CREATE INDEX chats_by_update ON chats (tenant, update_time DESC, chat_id);

        CREATE TABLE settings (chat bigint PRIMARY KEY, settings bytea NOT NULL, config bytea);

        CREATE TABLE labels (
            tenant text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL,
            value text COLLATE "C" NOT NULL,
            chat bigint NOT NULL,
            PRIMARY KEY (tenant, key, value, chat)
        );
        CREATE INDEX labels_by_chat ON labels (chat);

        CREATE TABLE turns (
            chat bigint NOT NULL,
            sequence bigint NOT NULL,
            turn_id text COLLATE "C",
            request_id text COLLATE "C",
            request_hash bytea NOT NULL,
            state smallint NOT NULL,
            attempt integer NOT NULL,
            used_attempts integer NOT NULL,
            owner text COLLATE "C",
            revision bigint NOT NULL,
            curated boolean NOT NULL,
            create_time bigint NOT NULL,
            start_time bigint,
            end_time bigint,
            PRIMARY KEY (chat, sequence)
        );
        CREATE UNIQUE INDEX turns_by_turn_id ON turns (chat, turn_id) WHERE turn_id IS NOT NULL;
        CREATE UNIQUE INDEX turns_by_request_id ON turns (chat, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX turns_pending ON turns (chat, sequence) WHERE state <= 2;

        CREATE TABLE inputs (chat bigint, sequence bigint, data bytea NOT NULL, PRIMARY KEY (chat, sequence));
        CREATE TABLE outcomes (chat bigint, sequence bigint, data bytea NOT NULL, PRIMARY KEY (chat, sequence));

        CREATE TABLE deleted_chats (chat bigint PRIMARY KEY);
        CREATE TABLE tenants (tenant text COLLATE "C" PRIMARY KEY, chats bigint NOT NULL);
        CREATE TABLE owners (owner text COLLATE "C" PRIMARY KEY, expires timestamptz NOT NULL) WITH (fillfactor = 50);
        """;

    // Open exchanges, and the progress of turns.
    private const string Version2 = """
        ALTER TABLE chats ADD COLUMN open_sequence bigint;
        CREATE TABLE progress (chat bigint, sequence bigint, place integer, data bytea NOT NULL, PRIMARY KEY (chat, sequence, place));
        """;

    // IDs that were created one after the other are next to each other, so that turns of many chats share the last pages of the index.
    private const string Version3 = """
        DROP INDEX turns_by_turn_id;
        DROP INDEX turns_by_request_id;
        CREATE UNIQUE INDEX turns_by_turn_id ON turns (turn_id, chat) WHERE turn_id IS NOT NULL;
        CREATE UNIQUE INDEX turns_by_request_id ON turns (request_id, chat) WHERE request_id IS NOT NULL;
        """;

    // Incarnations of chats, stops of turns, and request IDs of deletions.
    private const string Version5 = """
        ALTER TABLE chats ADD COLUMN incarnation text COLLATE "C" NOT NULL DEFAULT '';
        ALTER TABLE turns ADD COLUMN stop smallint NOT NULL DEFAULT 0;
        CREATE INDEX turns_stopped ON turns (owner) WHERE stop > 0 AND state <= 2;
        CREATE TABLE deletions (
            tenant text COLLATE "C", chat_id text COLLATE "C", request_id text COLLATE "C", time bigint NOT NULL, PRIMARY KEY (tenant, chat_id, request_id)
        );
        CREATE INDEX deletions_by_time ON deletions (time);
        """;

    // Trees, the parts of logs that forks and chats with erased turns have, logs with turns that might not be needed anymore, and expiry.
    private const string Version6 = """
        ALTER TABLE chats ADD COLUMN base_sequence bigint, ADD COLUMN expire_time bigint;
        CREATE INDEX chats_by_expiry ON chats (expire_time) WHERE expire_time IS NOT NULL;
        CREATE TABLE trees (chat bigint PRIMARY KEY, data bytea NOT NULL);
        CREATE TABLE ranges (chat bigint, first bigint, last bigint NOT NULL, log bigint NOT NULL, PRIMARY KEY (chat, first));
        CREATE INDEX ranges_by_log ON ranges (log, last, first);
        CREATE TABLE sweeps (log bigint PRIMARY KEY, next bigint NOT NULL);
        INSERT INTO sweeps (log, next) SELECT chat, 1 FROM deleted_chats;
        DROP TABLE deleted_chats;
        """;

    /// <summary>The version of the schema.</summary>
    public static long Version => Scripts.Length;

    /// <summary>Migrates the database to <see cref="Version"/>. If several processes call it at once, one migrates, and the others wait.</summary>
    /// <returns>The version that the database had; 0 for a new database.</returns>
    /// <exception cref="ChatStoreException">A later version wrote the database.</exception>
    public static async Task<long> UpgradeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // If the schema doesn't change, the user needs no privilege to change it.
        var version = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        if (version == Version)
        {
            return version;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync(connection, $"SELECT pg_advisory_xact_lock({UpgradeLock})", cancellationToken).ConfigureAwait(false);
        version = await ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        for (var next = version; next < Version; next++)
        {
            await RunAsync(connection, Scripts[next], cancellationToken).ConfigureAwait(false);
        }

        await RunAsync(
            connection,
            $"CREATE TABLE IF NOT EXISTS chats_schema (version bigint NOT NULL); DELETE FROM chats_schema; INSERT INTO chats_schema VALUES ({Version})",
            cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return version;
    }

    private static async Task<long> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The catalog itself, because the session's cache can be older than the lock.
        const string HasTable = "SELECT 1 FROM pg_tables WHERE tablename = 'chats_schema' AND schemaname = ANY (current_schemas(false))";
        if (await RunAsync(connection, HasTable, cancellationToken).ConfigureAwait(false) is null)
        {
            return 0;
        }

        var version = await RunAsync(connection, "SELECT max(version) FROM chats_schema", cancellationToken).ConfigureAwait(false) as long? ?? 0;
        return version <= Version
            ? version
            : throw new ChatStoreException(
                $"The database uses schema version {version}, created by a newer release. This release supports up to version {Version}.");
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // The SQL is a constant of this class. A migration, also that of another process, can take longer than a step.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
