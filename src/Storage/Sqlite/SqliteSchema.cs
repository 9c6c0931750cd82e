using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>The schema, and its migrations. A released script never changes: a change of the schema is a new script.</summary>
internal static class SqliteSchema
{
    private static readonly string[] Scripts = [Version1, Version2, Version3, UsageRows.Version4, Version5, Version6];

    // Times are UTC ticks. The rows that steps rewrite are small. Large values are written once, at the end of their table.
    private const string Version1 = """
        CREATE TABLE chats (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL,
            chat_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            turn_count INTEGER NOT NULL,
            history_bytes INTEGER NOT NULL,
            total_usage BLOB,
            create_time INTEGER NOT NULL,
            update_time INTEGER NOT NULL,
            create_request_id TEXT NOT NULL,
            create_request_hash BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX chats_by_key ON chats (tenant, chat_id);
        CREATE INDEX chats_by_update ON chats (tenant, update_time DESC, chat_id);

        CREATE TABLE settings (
            chat INTEGER PRIMARY KEY,
            settings BLOB NOT NULL,
            config BLOB
        ) STRICT;

        CREATE TABLE labels (
            tenant TEXT NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            chat INTEGER NOT NULL,
            PRIMARY KEY (tenant, key, value, chat)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE turns (
            id INTEGER PRIMARY KEY,
            chat INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            turn_id TEXT,
            request_id TEXT,
            request_hash BLOB NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            used_attempts INTEGER NOT NULL,
            owner TEXT,
            revision INTEGER NOT NULL,
            curated INTEGER NOT NULL,
            create_time INTEGER NOT NULL,
            start_time INTEGER,
            end_time INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX turns_by_sequence ON turns (chat, sequence);
        CREATE UNIQUE INDEX turns_by_turn_id ON turns (chat, turn_id) WHERE turn_id IS NOT NULL;
        CREATE UNIQUE INDEX turns_by_request_id ON turns (chat, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX turns_pending ON turns (chat, sequence, state, owner, create_time) WHERE state <= 2;

        CREATE TABLE inputs (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE outcomes (turn INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;

        CREATE TABLE deleted_chats (chat INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE tenants (tenant TEXT PRIMARY KEY, chats INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE owners (owner TEXT PRIMARY KEY, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """;

    // Open exchanges, and the progress of turns.
    private const string Version2 = """
        ALTER TABLE chats ADD COLUMN open_sequence INTEGER;
        CREATE TABLE progress (turn INTEGER NOT NULL, place INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (turn, place)) STRICT, WITHOUT ROWID;
        """;

    // IDs that were created one after the other are next to each other, so that turns that share a commit share pages of the index.
    private const string Version3 = """
        DROP INDEX turns_by_turn_id;
        DROP INDEX turns_by_request_id;
        CREATE UNIQUE INDEX turns_by_turn_id ON turns (turn_id, chat) WHERE turn_id IS NOT NULL;
        CREATE UNIQUE INDEX turns_by_request_id ON turns (request_id, chat) WHERE request_id IS NOT NULL;
        """;

    // Incarnations of chats, stops of turns, and request IDs of deletions.
    private const string Version5 = """
        ALTER TABLE chats ADD COLUMN incarnation TEXT NOT NULL DEFAULT '';
        ALTER TABLE turns ADD COLUMN stop INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX turns_stopped ON turns (owner, turn_id, stop) WHERE stop > 0 AND state <= 2;
        CREATE TABLE deletions (
            tenant TEXT NOT NULL, chat_id TEXT NOT NULL, request_id TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (tenant, chat_id, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX deletions_by_time ON deletions (time);
        """;

    // Trees, the parts of logs that forks and chats with erased turns have, logs with turns that might not be needed anymore, and expiry.
    private const string Version6 = """
        ALTER TABLE chats ADD COLUMN base_sequence INTEGER;
        ALTER TABLE chats ADD COLUMN expire_time INTEGER;
        CREATE INDEX chats_by_expiry ON chats (expire_time) WHERE expire_time IS NOT NULL;
        CREATE TABLE trees (chat INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE ranges (
            chat INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, log INTEGER NOT NULL, PRIMARY KEY (chat, first)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ranges_by_log ON ranges (log, first, last);
        CREATE TABLE sweeps (log INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;
        INSERT INTO sweeps (log, next) SELECT chat, 1 FROM deleted_chats;
        DROP TABLE deleted_chats;
        """;

    /// <summary>The version of the schema.</summary>
    public static int Version => Scripts.Length;

    /// <summary>Migrates the file to <see cref="Version"/>. Several processes can call it at once.</summary>
    /// <returns>The version that the file had; 0 for a new file.</returns>
    /// <exception cref="ChatStoreException">A later version wrote the file.</exception>
    public static long Upgrade(SqliteSession session)
    {
        if (Read(session) == Version)
        {
            return Version;
        }

        session.BeginWrite();
        try
        {
            var found = Read(session);
            for (var version = found; version < Version; version++)
            {
                session.Run(Scripts[version]);
                session.Run($"PRAGMA user_version = {version + 1}");
            }

            session.Commit();
            return found;
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    private static long Read(SqliteSession session)
    {
        var version = session.Number("PRAGMA user_version") ?? 0;
        return version <= Version
            ? version
            : throw new ChatStoreException(
                $"The database uses schema version {version}, created by a newer release. This release supports up to version {Version}.");
    }
}
