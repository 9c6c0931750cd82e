using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Chats in a Postgres database, which any number of processes may share.</summary>
/// <remarks>The store's clock is the server's. A process that is frozen in the middle of a step loses its lock, and the step with it.</remarks>
internal sealed class PostgresChatStore : IChatStore, IAsyncDisposable
{
    private readonly NpgsqlDataSource _connections;
    private readonly NpgsqlDataSource _beatConnections;
    private readonly PostgresRunner _runner;
    private readonly PostgresRunner _beats;
    private readonly PostgresSweeper _sweeper;
    private readonly string _database;
    private readonly ILogger _logger;

    public PostgresChatStore(IOptions<StorageOptions> options, ILogger<PostgresChatStore> logger)
        : this(options.Value, logger)
    {
    }

    /// <param name="options">Where the database is.</param>
    /// <param name="logger">For operators.</param>
    internal PostgresChatStore(StorageOptions options, ILogger logger)
    {
        _database = PostgresConnections.Describe(options.ConnectionString);
        _connections = PostgresConnections.Open(options.ConnectionString);
        _beatConnections = PostgresConnections.OpenForBeats(options.ConnectionString);
        _runner = new PostgresRunner(_connections, PostgresConnections.MaxReadsOfTenant(options.ConnectionString), logger);
        _beats = new PostgresRunner(_beatConnections, 1, logger);
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
                if (found != PostgresSchema.Version)
                {
                    PostgresLog.Upgraded(_logger, _database, found, PostgresSchema.Version);
                }

                await PrepareAsync(new PostgresSession(connection, cancellationToken)).ConfigureAwait(false);
            }

            PostgresLog.Opened(_logger, _database, PostgresSchema.Version);
            _sweeper.Sweep();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw PostgresErrors.Translate(exception);
        }
    }

    /// <inheritdoc />
    public Task<ChatRecord?> CreateAsync(CreateStep step)
    {
        StepShapes.Check(step);
        var settings = StoredSettings.From(step.Chat.Settings);
        var history = step.History.Select(StoredTurn.From).ToList();
        return _runner.StepAsync(session => PostgresSteps.CreateAsync(session, step, settings, history));
    }

    /// <inheritdoc />
    public Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step)
    {
        StepShapes.Check(step);
        var turn = StoredTurn.From(step.Turn);
        return _runner.StepAsync(session => PostgresSteps.AcceptAsync(session, key, step, turn));
    }

    /// <inheritdoc />
    public Task StartAsync(ChatKey key, StartStep step) => _runner.StepAsync(session => PostgresSteps.StartAsync(session, key, step));

    /// <inheritdoc />
    public Task EndAsync(ChatKey key, EndStep step)
    {
        StepShapes.Check(step);
        var outcome = step.Outcome.ToByteArray();
        return _runner.StepAsync(session => PostgresSteps.EndAsync(session, key, step, outcome));
    }

    /// <inheritdoc />
    public Task StopAsync(ChatKey key, StopStep step) => _runner.StepAsync(session => PostgresSteps.StopAsync(session, key, step));

    /// <inheritdoc />
    public Task ReleaseAsync(ChatKey key, ReleaseStep step) => _runner.StepAsync(session => PostgresSteps.ReleaseAsync(session, key, step));

    /// <inheritdoc />
    public Task KeepProgressAsync(ChatKey key, ProgressStep step)
    {
        var progress = step.Progress.ToByteArray();
        return _runner.StepAsync(session => PostgresSteps.KeepProgressAsync(session, key, step, progress));
    }

    /// <inheritdoc />
    public Task UpdateSettingsAsync(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth)
    {
        var stored = StoredSettings.From(settings);
        return _runner.StepAsync(session => PostgresSteps.UpdateSettingsAsync(session, key, version, settings, stored, updateTime, growth));
    }

    /// <inheritdoc />
    public async Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step)
    {
        var deleted = await _runner.StepAsync(session => PostgresSteps.DeleteAsync(session, key, step)).ConfigureAwait(false);
        if (deleted is Deletion.Done)
        {
            _sweeper.Sweep();
        }

        return deleted;
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
                ? new ChatSnapshot(chat.First.Record, last.First, [.. pending.All.Select(row => row.Turn)]) { IsAbandoned = pending.First.IsAbandoned }
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
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        QueryFirstAsync(key.Tenant, batch => TurnRows.FindRequest(batch, key, requestId), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        await _runner.ReadAsync(
            key.Tenant,
            async session =>
            {
                var batch = session.Batch();
                var steps = ProgressRows.Read(batch, key, turnId);
                await session.RunAsync(batch).ConfigureAwait(false);
                return steps.All;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => _runner.ReadAsync<LogPage?>(
        key.Tenant,
        async session =>
        {
            var batch = session.BeginRead();
            var chat = ChatRows.FindRevision(batch, key);
            var turns = TurnRows.ReadLog(batch, key, range);
            await session.CommitAsync(batch).ConfigureAwait(false);
            var (revision, incarnation) = chat.First;
            return chat.Any && (range.Incarnation is null || range.Incarnation == incarnation)
                ? new LogPage([.. turns.All.Select(row => row.Turn)], revision, turns.Any && turns.All[^1].HasNext, incarnation)
                : null;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        _runner.ReadAsync(query.Tenant, session => ChatListing.ListAsync(session, query), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> BeatAsync(string owner, TimeSpan lifetime) => await _beats.StepAsync(async session =>
    {
        var batch = session.BeginStep();
        OwnerRows.Beat(batch, owner, lifetime);
        var stopped = TurnRows.FindStopped(batch, owner);
        await session.CommitAsync(batch).ConfigureAwait(false);
        return stopped.All;
    }).ConfigureAwait(false);

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => RunAsync(_beats, batch => OwnerRows.Delete(batch, owner));

    /// <inheritdoc />
    public async Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) => await _runner.ReadAsync(
        "",
        async session =>
        {
            var batch = session.Batch();
            var found = OwnerRows.FindAbandoned(batch, query);
            await session.RunAsync(batch).ConfigureAwait(false);
            return found.All;
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => RunAsync(_runner, batch => UsageRows.Keep(batch, step));

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        await _runner.ReadAsync(
            tenant,
            async session =>
            {
                var batch = session.Batch();
                var counts = UsageRows.Read(batch, tenant, day);
                await session.RunAsync(batch).ConfigureAwait(false);
                return counts.All.ToDictionary(count => count.Owner, count => count.Tokens, StringComparer.Ordinal);
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<long> SumHistoryBytesAsync(string tenant, CancellationToken cancellationToken) =>
        QueryFirstAsync(tenant, batch => TenantRows.SumHistoryBytes(batch, tenant), cancellationToken);

    /// <summary>Closes the connections; steps under way end first where they are.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
        await _beatConnections.DisposeAsync().ConfigureAwait(false);
    }

    private Task<T?> QueryFirstAsync<T>(string tenant, Func<PostgresBatch, PostgresRows<T>> query, CancellationToken cancellationToken) => _runner.ReadAsync(
        tenant,
        async session =>
        {
            var batch = session.Batch();
            var rows = query(batch);
            await session.RunAsync(batch).ConfigureAwait(false);
            return rows.First;
        },
        cancellationToken);

    /// <summary>A step without preconditions.</summary>
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
            row => (Name: row.GetString(0), Value: row.GetString(1)),
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'");
        await session.CommitAsync(batch).ConfigureAwait(false);
        foreach (var (name, value) in off.All)
        {
            PostgresLog.NotDurable(_logger, name, value);
        }
    }
}
