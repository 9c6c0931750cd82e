using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Stores everything in a PostgreSQL database, which any number of processes can share.</summary>
/// <remarks>The store's clock is that of the database server. A process that is frozen during a step loses its lock, and the step is rolled back.</remarks>
internal sealed class PostgresChatStore : IStorageBackend, IAsyncDisposable
{
    private readonly NpgsqlDataSource _connections;
    private readonly NpgsqlDataSource _heartbeatConnections;
    private readonly List<NpgsqlDataSource> _writerConnections;
    private readonly PostgresRunner _runner;
    private readonly PostgresRunner _heartbeats;
    private readonly PostgresWriter _writer;
    private readonly PostgresSweeper _sweeper;
    private readonly string _database;
    private readonly ILogger _logger;

    public PostgresChatStore(IOptions<StorageOptions> options, ILogger<PostgresChatStore> logger)
        : this(options.Value, logger)
    {
    }

    /// <param name="options">The options.</param>
    /// <param name="logger">The logger.</param>
    internal PostgresChatStore(StorageOptions options, ILogger logger)
    {
        _database = PostgresConnectionString.Describe(options.ConnectionString);
        _connections = PostgresConnections.Open(options.ConnectionString);
        _heartbeatConnections = PostgresConnections.OpenForHeartbeats(options.ConnectionString);
        _writerConnections = [.. Enumerable.Range(0, PostgresConnections.Writers).Select(_ => PostgresConnections.OpenForWriter(options.ConnectionString))];
        _runner = new PostgresRunner(_connections, PostgresConnections.MaxReadsOfTenant(options.ConnectionString), logger);
        _heartbeats = new PostgresRunner(_heartbeatConnections, 1, logger);
        _writer = new PostgresWriter(_writerConnections.Select(connection => new PostgresRunner(connection, 1, logger)), _runner, logger);
        _sweeper = new PostgresSweeper(_runner, logger);
        _logger = logger;
    }

    /// <inheritdoc />
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connections.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var found = await PostgresSchema.UpgradeAsync(connection, cancellationToken).ConfigureAwait(false);
                if (found > 0 && found != PostgresSchema.Version)
                {
                    PostgresLog.Upgraded(_logger, _database, found, PostgresSchema.Version);
                }

                await PrepareAsync(new PostgresSession(connection, cancellationToken)).ConfigureAwait(false);
            }

            PostgresLog.Opened(_logger, _database, PostgresSchema.Version);
            _sweeper.Sweep();
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ChatStoreException))
        {
            var failure = PostgresErrors.Translate(exception);
            throw new ChatStoreException($"Storage:ConnectionString is {_database}. {failure.Message}", exception) { Damage = failure.Damage };
        }
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(ChatKey key, ChatStep step)
    {
        var result = await _writer.ApplyAsync(new SerializedStep(key, step)).ConfigureAwait(false);
        if ((step is DeleteStep && result.Deletion is Deletion.Done) || step is AcceptStep { Head.Keeps: not null })
        {
            _sweeper.Sweep();
        }

        return result;
    }

    /// <inheritdoc />
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) => _runner.ReadAsync<ChatSnapshot?>(
        key.Tenant,
        async session =>
        {
            var batch = session.BeginRead();
            var chat = ChatRows.Find(batch, key);
            var last = TurnRows.LastSequence(batch, key);
            var pending = TurnRows.FindPending(batch, key);
            await session.CommitAsync(batch).ConfigureAwait(false);
            return chat.Any
                ? new ChatSnapshot(chat.First.Record, last.Any ? last.First : chat.First.BaseSequence ?? 0, [.. pending.All.Select(row => row.Turn)]) { IsAbandoned = pending.First.IsAbandoned }
                : null;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        QueryFirstAsync(key.Tenant, batch => TurnRows.FindTurn(batch, key, turnId), cancellationToken);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        QueryFirstAsync(key.Tenant, batch => TurnRows.ReadInput(batch, key, turnId), cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) =>
        QueryFirstAsync(key.Tenant, batch => TurnRows.FindRevision(batch, key, revision, range), cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        QueryFirstAsync(key.Tenant, batch => TurnRows.FindRequest(batch, key, requestId), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        (await QueryAsync(key.Tenant, batch => ProgressRows.Read(batch, key, turnId), cancellationToken).ConfigureAwait(false)).All;

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) =>
        _runner.ReadAsync(key.Tenant, session => PostgresLogReader.ReadAsync(session, key, range), cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        _runner.ReadAsync(query.Tenant, session => ChatListing.ListAsync(session, query), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease)
    {
        _sweeper.Sweep();
        return await _heartbeats.StepAsync(async session =>
        {
            var batch = session.BeginStep();
            OwnerRows.Beat(batch, owner, lease);
            var stopped = TurnRows.FindStopped(batch, owner);
            await session.CommitAsync(batch).ConfigureAwait(false);
            return stopped.All;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => RunAsync(_heartbeats, batch => OwnerRows.Delete(batch, owner));

    /// <inheritdoc />
    public async Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        (await QueryAsync("", batch => OwnerRows.FindAbandoned(batch, query), cancellationToken).ConfigureAwait(false)).All;

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => RunAsync(_runner, batch => UsageRows.Keep(batch, step));

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        (await QueryAsync(tenant, batch => UsageRows.Read(batch, tenant, day), cancellationToken).ConfigureAwait(false))
            .All.ToDictionary(count => count.Owner, count => count.Tokens, StringComparer.Ordinal);

    /// <inheritdoc />
    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        QueryFirstAsync(tenant, batch => TenantRows.SumStoredBytes(batch, tenant), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) =>
        (await QueryAsync("", batch => TenantRows.List(batch, after, maxTenants), cancellationToken).ConfigureAwait(false)).All;

    /// <inheritdoc />
    public async Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) =>
        (await QueryAsync("", batch => OwnerRows.ListBusy(batch, query), cancellationToken).ConfigureAwait(false)).All;

    /// <summary>Commits the queued steps, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
        await _heartbeatConnections.DisposeAsync().ConfigureAwait(false);
        foreach (var connection in _writerConnections)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<T?> QueryFirstAsync<T>(string tenant, Func<PostgresBatch, PostgresRows<T>> query, CancellationToken cancellationToken) =>
        (await QueryAsync(tenant, query, cancellationToken).ConfigureAwait(false)).First;

    private Task<PostgresRows<T>> QueryAsync<T>(string tenant, Func<PostgresBatch, PostgresRows<T>> query, CancellationToken cancellationToken) => _runner.ReadAsync(
        tenant,
        async session =>
        {
            var batch = session.Batch();
            var rows = query(batch);
            await session.RunAsync(batch).ConfigureAwait(false);
            return rows;
        },
        cancellationToken);

    /// <summary>Runs a step without preconditions.</summary>
    private static Task RunAsync(PostgresRunner runner, Action<PostgresBatch> add) => runner.StepAsync(session =>
    {
        var batch = session.BeginStep();
        add(batch);
        return session.CommitAsync(batch);
    });

    private async Task PrepareAsync(PostgresSession session)
    {
        var batch = session.BeginStep();
        OwnerRows.DeleteGone(batch);
        var off = batch.Query(
            row => (Name: row.Text(0), Value: row.Text(1)),
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'");
        await session.CommitAsync(batch).ConfigureAwait(false);
        foreach (var (name, value) in off.All)
        {
            PostgresLog.NotDurable(_logger, name, value);
        }
    }
}
