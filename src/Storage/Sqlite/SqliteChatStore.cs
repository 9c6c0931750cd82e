using GenAI.Chats.Storage.Sqlite.Rows;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Stores everything in one SQLite file, which several processes of one machine can share.</summary>
/// <remarks>
/// The store reads the clock of the machine while it holds the write lock of the file. A process that is frozen therefore either holds the
/// lock, or reads the clock again before it decides.
/// </remarks>
internal sealed class SqliteChatStore : IStorageBackend, IAsyncDisposable
{
    private readonly SqliteConnections _connections;
    private readonly SqliteReaderPool _readers;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private SqliteWriter? _writer;

    public SqliteChatStore(IOptions<StorageOptions> options, TimeProvider time, ILogger<SqliteChatStore> logger)
        : this(options.Value, time, logger, opened: null)
    {
    }

    /// <param name="options">The options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="opened">Called with each connection when it is set up, for tests.</param>
    internal SqliteChatStore(StorageOptions options, TimeProvider time, ILogger logger, Action<SqliteConnection>? opened)
    {
        _connections = new SqliteConnections(Path.GetFullPath(options.Path), options.BusyTimeout, opened);
        _readers = new SqliteReaderPool(_connections, logger);
        _time = time;
        _logger = logger;
    }

    private SqliteWriter Writer => _writer ?? throw new InvalidOperationException($"Call {nameof(InitializeAsync)} first.");

    /// <inheritdoc />
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await Task.Run(Open, cancellationToken).ConfigureAwait(false);
        _writer = new SqliteWriter(_connections, _logger, _time);
    }

    /// <inheritdoc />
    public Task<StepResult> ApplyAsync(ChatKey key, ChatStep step)
    {
        var serialized = new SerializedStep(key, step);
        var isBrief = step is AcceptStep { Head: null } or EndStep;
        return Writer.RunAsync(serialized.Bytes, session => SqliteSteps.Apply(session, serialized, _time), isBrief);
    }

    /// <inheritdoc />
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.Find(session, key, _time.GetUtcNow()) is { } chat ? Snapshot(session, chat) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key, _time.GetUtcNow()) is { } chat ? TurnRows.FindTurn(session, chat, turnId) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key, _time.GetUtcNow()) is { } chat ? TurnRows.ReadInput(session, chat, turnId) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session =>
        {
            if (ChatRows.FindHead(session, key, _time.GetUtcNow()) is not { } chat)
            {
                return null;
            }

            var parts = RangeRows.Read(session, chat.Id, chat.BaseSequence).In([range]);
            var part = parts.FindIndex(part => TurnRows.LastRecorded(session, part)?.Revision >= revision);
            return part < 0 ? null : TurnRows.FindRevision(session, chat, parts[part], revision);
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key, _time.GetUtcNow()) is { } chat ? TurnRows.FindRequest(session, chat.Id, requestId) : null,
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        await _readers.ReadAsync(key.Tenant, session => ProgressRows.Read(session, key, turnId), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key, _time.GetUtcNow()) is { } chat && (range.Incarnation is null || range.Incarnation == chat.Incarnation)
            ? TurnRows.ReadLog(session, chat, range)
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        _readers.ReadAsync(query.Tenant, session => ChatListing.List(session, query, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease)
    {
        Writer.RequestSweep();
        return await Writer.RunFirstAsync(session =>
        {
            OwnerRows.Beat(session, owner, _time.GetUtcNow() + lease);
            return TurnRows.FindStopped(session, owner);
        }).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => Writer.RunFirstAsync(session => OwnerRows.Delete(session, owner));

    /// <inheritdoc />
    public async Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        await _readers.ReadAsync("", session => OwnerRows.FindAbandoned(session, _time.GetUtcNow(), query), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => Writer.RunAsync(0, session =>
    {
        UsageRows.Keep(session, step);
        return StepResult.Applied;
    });

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        await _readers.ReadAsync(tenant, session => UsageRows.Read(session, tenant, day), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        _readers.ReadAsync(tenant, session => TenantRows.SumStoredBytes(session, tenant, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) =>
        await _readers.ReadAsync("", session => TenantRows.List(session, after, maxTenants), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) =>
        await _readers.ReadAsync("", session => OwnerRows.ListBusy(session, query), cancellationToken).ConfigureAwait(false);

    /// <summary>Commits the queued steps, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync().ConfigureAwait(false);
        if (_writer is not null)
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ChatSnapshot Snapshot(SqliteSession session, in ChatRow chat)
    {
        var pending = TurnRows.ReadPending(session, chat.Id);
        return new ChatSnapshot(chat.Record, TurnRows.LastSequence(session, chat.Id, chat.BaseSequence), pending)
        {
            IsAbandoned = pending.Count > 0 && (pending[0].Owner is not { } owner || OwnerRows.IsGone(session, owner, _time.GetUtcNow())),
        };
    }

    private void Open()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_connections.Path)!);
            using var session = _connections.OpenWriter();
            var found = SqliteSchema.Upgrade(session);
            session.BeginWrite();
            OwnerRows.DeleteGone(session, _time.GetUtcNow());
            session.Commit();
            if (found > 0 && found != SqliteSchema.Version)
            {
                SqliteLog.Upgraded(_logger, _connections.Path, found, SqliteSchema.Version);
            }

            SqliteLog.Opened(_logger, _connections.Path, SqliteSchema.Version);
        }
        catch (Exception exception)
        {
            var failure = SqliteErrors.Translate(exception);
            throw new ChatStoreException($"Storage:Path is '{_connections.Path}'. {failure.Message}", exception) { Damage = failure.Damage };
        }
    }
}
