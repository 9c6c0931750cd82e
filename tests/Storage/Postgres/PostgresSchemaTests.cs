using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>The tables of released versions, which are never changed but by a further version, and how they come to be.</summary>
public sealed class PostgresSchemaTests : IAsyncLifetime
{
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresDatabase.CreateAsync();

    public Task DisposeAsync()
    {
        _database.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Initialize_NewDatabase_HasTheTablesOfItsVersion()
    {
        await using var store = await _database.OpenAsync();

        Assert.Equal(6L, await _database.ScalarAsync("SELECT version FROM chats_schema"));
        Assert.Equal(6, PostgresSchema.Version);
        Assert.Equal(Sample.Read("schema.postgres.v6.txt"), await SchemaAsync());
    }

    [Fact]
    public async Task Initialize_DatabaseOfVersion1_KeepsItsChatsAndGetsTheTables()
    {
        await using (var store = await _database.OpenAsync())
        {
            await store.CreateAsync(Make.Create(Make.Key(), pieces: 1));
            await _database.RunAsync("""
                ALTER TABLE chats DROP COLUMN open_sequence, DROP COLUMN incarnation, DROP COLUMN base_sequence, DROP COLUMN expire_time;
                ALTER TABLE turns DROP COLUMN stop; DROP TABLE progress, tenant_usage, deletions, trees, ranges, sweeps;
                CREATE TABLE deleted_chats (chat bigint PRIMARY KEY); INSERT INTO deleted_chats VALUES (123); DROP INDEX turns_by_turn_id, turns_by_request_id;
                CREATE UNIQUE INDEX turns_by_turn_id ON turns (chat, turn_id) WHERE turn_id IS NOT NULL;
                CREATE UNIQUE INDEX turns_by_request_id ON turns (chat, request_id) WHERE request_id IS NOT NULL;
                UPDATE chats_schema SET version = 1
                """);
        }

        Assert.Equal(Sample.Read("schema.postgres.v1.txt"), await SchemaAsync());
        await using var upgraded = await _database.OpenAsync();

        Assert.Equal(6L, await _database.ScalarAsync("SELECT version FROM chats_schema"));
        Assert.Equal(Sample.Read("schema.postgres.v6.txt"), await SchemaAsync());
        var chat = await upgraded.LoadAsync(Make.Key(), CancellationToken.None);
        Assert.Equal((1, 0), (chat!.LastSequence, chat.Chat.OpenSequence));
        Assert.Null(chat.Chat.Tree);
    }

    [Fact]
    public async Task Initialize_ManyAtOnce_OneMakesTheTablesAndAllWork()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => _database.Store()).ToList();

        await Task.WhenAll(stores.Select(store => store.InitializeAsync(CancellationToken.None)));

        for (var i = 0; i < stores.Count; i++)
        {
            Assert.Equal(i == 0, await stores[i].CreateAsync(Make.Create(Make.Key())) is null);
            await stores[i].DisposeAsync();
        }

        Assert.Equal(1L, await _database.ScalarAsync("SELECT count(*) FROM chats_schema"));
    }

    [Fact]
    public async Task Initialize_AnotherUpgrades_WaitsForIt()
    {
        await using var store = _database.Store();
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using var upgrade = other.CreateCommand();
        upgrade.CommandText = $"SELECT pg_advisory_xact_lock({PostgresSchema.UpgradeLock})";
        await upgrade.ExecuteNonQueryAsync();

        var start = store.InitializeAsync(CancellationToken.None);
        upgrade.CommandText = "CREATE TABLE chats_schema (version bigint); INSERT INTO chats_schema VALUES (999)";
        await upgrade.ExecuteNonQueryAsync();
        Assert.False(start.IsCompleted);
        await transaction.CommitAsync();

        await Assert.ThrowsAsync<ChatStoreException>(() => start);
    }

    [Fact]
    public async Task Initialize_DatabaseOfALaterVersion_IsRefusedAndLeftAlone()
    {
        await using (await _database.OpenAsync())
        {
            await _database.RunAsync("UPDATE chats_schema SET version = 999; INSERT INTO owners VALUES ('gone', '-infinity')");
        }

        await using var store = _database.Store();
        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal(
            "The database uses schema version 999, created by a newer release. This release supports up to version 6.", exception.Message);
        Assert.Equal(1L, await _database.ScalarAsync("SELECT count(*) FROM owners"));
    }

    [Fact]
    public async Task Initialize_UserWhoMayNotChangeTables_Works()
    {
        await using (await _database.OpenAsync())
        {
            var (schema, user) = (_database.Schema, _database.Schema + "_user");
            await _database.RunAsync($"""
                CREATE ROLE {user} LOGIN;
                GRANT USAGE ON SCHEMA {schema} TO {user};
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {user}
                """);
        }

        await using var store = await _database.OpenAsync($"Username={_database.Schema}_user");

        Assert.Null(await store.CreateAsync(Make.Create(Make.Key(), pieces: 1)));
        Assert.True(await store.DeleteAsync(Make.Key()));
    }

    private async Task<string> SchemaAsync()
    {
        var columns = await _database.ColumnAsync($"""
            SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END || CASE WHEN l.collname = 'C' THEN ' C' ELSE '' END
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE c.relnamespace = '{_database.Schema}'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY c.relname, a.attnum
            """);
        var indexes = await _database.ColumnAsync(
            $"SELECT replace(indexdef, '{_database.Schema}.', '') FROM pg_indexes WHERE schemaname = '{_database.Schema}' ORDER BY indexname");
        return string.Join('\n', [.. columns, .. indexes]);
    }
}
