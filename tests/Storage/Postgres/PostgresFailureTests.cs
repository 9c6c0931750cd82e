using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.Storage.Postgres.Connections;
using GenAI.Chats.TestKit.Chats;
using Npgsql;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>Faults of the server and of neighbours are the store's exception, and pass.</summary>
public sealed class PostgresFailureTests : IAsyncLifetime
{
    private static readonly ChatKey Key = Make.Key();

    private PostgresDatabase _database = null!;
    private PostgresChatStore _store = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _store = await _database.OpenAsync();
        await _store.CreateAsync(Make.Create(Key));
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _database.Dispose();
    }

    [Theory]
    [InlineData("53100", "Postgres: the disk of the server is full.")]
    [InlineData("57P01", "Postgres: the server is starting or shutting down.")]
    [InlineData("XX000", "Postgres: the server failed with SQLSTATE XX000.")]
    public async Task Step_ServerFails_ThrowsAndWorksAgain(string state, string message)
    {
        await FailAsync($"RAISE EXCEPTION 'test' USING ERRCODE = '{state}'");

        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
        Assert.Equal(message, exception.Message);
        Assert.Equal(0, (await _store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
        await _database.RunAsync("DROP TRIGGER fail ON turns");

        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
    }

    [Theory]
    [InlineData("40001")]
    [InlineData("40P01")]
    public async Task Step_ServerTookItBack_IsDoneAgain(string state)
    {
        await FailAsync($"IF nextval('fails') <= 2 THEN RAISE EXCEPTION 'test' USING ERRCODE = '{state}'; END IF; RETURN NEW");

        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));

        Assert.Equal(3L, await _database.ScalarAsync("SELECT last_value FROM fails"));
        Assert.Equal(1, (await _store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Step_ServerTakesItBackAgainAndAgain_Throws()
    {
        await FailAsync("RAISE EXCEPTION 'test' USING ERRCODE = '40001'");

        await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task Step_NeighbourHoldsTheChat_ThrowsInBoundedTimeAndSparesOtherChats()
    {
        await _store.CreateAsync(Make.Create(Make.Key("other")));
        await using var hasty = await _database.OpenAsync("Command Timeout=2");
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "SELECT * FROM chats WHERE chat_id = 'chat' FOR UPDATE");

        var step = hasty.AcceptAsync(Key, Make.Accept(Make.Queued(1)));
        Assert.Null(await _store.AcceptAsync(Make.Key("other"), Make.Accept(Make.Queued(1))));
        var exception = await Assert.ThrowsAsync<ChatStoreException>(() => step);
        Assert.Equal("Postgres: the server didn't respond in time.", exception.Message);
        await transaction.RollbackAsync();

        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task Step_NeighbourLetsGoOfTheChat_GoesOn()
    {
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "SELECT * FROM chats FOR UPDATE");

        var step = _store.AcceptAsync(Key, Make.Accept(Make.Queued(1)));
        await ExecuteAsync(other, "UPDATE chats SET version = 7");
        await transaction.CommitAsync();

        // What was committed meanwhile counts.
        await Assert.ThrowsAsync<ChatConflictException>(() => step);
        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1), version: 7)));
    }

    [Fact]
    public async Task Beat_AllConnectionsAreTaken_DoesNotWait()
    {
        await using var store = await _database.OpenAsync("Maximum Pool Size=1");
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "LOCK TABLE chats");
        using var cancellation = new CancellationTokenSource();
        var read = store.LoadAsync(Key, cancellation.Token);

        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));

        Assert.False(read.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Read_AnotherTenantHasManyReads_FindsAConnection()
    {
        await using var store = await _database.OpenAsync("Maximum Pool Size=2");
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "LOCK TABLE chats");
        using var cancellation = new CancellationTokenSource();
        var reads = Enumerable.Range(0, 10).Select(_ => store.LoadAsync(Key, cancellation.Token)).ToList();

        Assert.Empty(await store.ReadUsageAsync("other", new DateOnly(2026, 1, 1), CancellationToken.None));

        Assert.All(reads, read => Assert.False(read.IsCompleted));
        await cancellation.CancelAsync();
        foreach (var read in reads)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }
    }

    [Fact]
    public async Task Read_Cancelled_Ends()
    {
        await using var other = await _database.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await ExecuteAsync(other, "LOCK TABLE chats");
        using var cancellation = new CancellationTokenSource();

        var read = _store.LoadAsync(Key, cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task Read_RecordIsDamaged_ThrowsAndSparesTheRest()
    {
        await _store.CreateAsync(Make.Create(Make.Key("other")));
        await _database.RunAsync("UPDATE settings SET settings = '\\xFFFF' WHERE chat = (SELECT id FROM chats WHERE chat_id = 'chat')");

        var read = await Assert.ThrowsAsync<ChatStoreException>(() => _store.LoadAsync(Key, CancellationToken.None));
        var step = await Assert.ThrowsAsync<ChatStoreException>(() => _store.CreateAsync(Make.Create(Key)));

        Assert.Equal((StoreDamage.Record, StoreDamage.Record), (read.Damage, step.Damage));
        Assert.NotNull(await _store.LoadAsync(Make.Key("other"), CancellationToken.None));
    }

    [Theory]
    [InlineData("data_corrupted")]
    [InlineData("index_corrupted")]
    public async Task Step_DatabaseIsDamaged_IsNoFailureThatPasses(string condition)
    {
        await _database.RunAsync($"""
            CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'damaged' USING ERRCODE = '{condition}'; END $$;
            CREATE TRIGGER damage BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION damage()
            """);

        var failure = await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));

        Assert.Equal(StoreDamage.Database, failure.Damage);
    }

    [Fact]
    public async Task Open_OneOfTheHostsIsGone_TakesTheOther()
    {
        var host = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Host;
        await using var store = await _database.OpenAsync($"Host=/nowhere,{host}");

        Assert.Null(await store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task Dispose_LaterCalls_AreRefused()
    {
        await _store.DisposeAsync();

        await Assert.ThrowsAsync<ChatStoreException>(() => _store.CreateAsync(Make.Create(Make.Key("late"))));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.LoadAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task Connections_AStepThatAFrozenProcessLeft_LosesItsLock()
    {
        await using var connections = PostgresConnections.Open(_database.ConnectionString);
        await using var frozen = await connections.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT current_setting('idle_in_transaction_session_timeout')", frozen);

        Assert.Equal("5s", await command.ExecuteScalarAsync());
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Makes the server do something before a turn is added.</summary>
    private Task FailAsync(string body) => _database.RunAsync($"""
        CREATE SEQUENCE fails;
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON turns FOR EACH ROW EXECUTE FUNCTION fail()
        """);
}
