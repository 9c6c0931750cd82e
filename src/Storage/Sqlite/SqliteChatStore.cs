using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Chats in one Sqlite file, which several processes of one machine may share.</summary>
/// <remarks>
/// The store's clock is the machine's, read while the file's write lock is held: a process that is frozen at any instant either holds the
/// lock, or reads the clock again before it decides.
/// </remarks>
internal sealed class SqliteChatStore : IChatStore, IAsyncDisposable
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

    /// <param name="options">Where the file is.</param>
    /// <param name="time">The store's clock.</param>
    /// <param name="logger">For operators.</param>
    /// <param name="opened">Sees each connection once it is set up; for tests.</param>
    internal SqliteChatStore(StorageOptions options, TimeProvider time, ILogger logger, Action<SqliteConnection>? opened)
    {
        _connections = new SqliteConnections(Path.GetFullPath(options.Path), options.BusyTimeout, opened);
        _readers = new SqliteReaderPool(_connections, logger);
        _time = time;
        _logger = logger;
    }

    private SqliteWriter Writer => _writer ?? throw new InvalidOperationException($"{nameof(InitializeAsync)} comes first.");

    /// <inheritdoc />
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await Task.Run(Open, cancellationToken).ConfigureAwait(false);
        _writer = new SqliteWriter(_connections, _logger);
    }

    /// <inheritdoc />
    public Task<ChatRecord?> CreateAsync(CreateStep step)
    {
        StepShapes.Check(step);
        var settings = StoredSettings.From(step.Chat.Settings);
        var history = step.History.Select(StoredTurn.From).ToList();
        return Writer.RunAsync(
            settings.Bytes + history.Sum(turn => turn.Bytes), session => SqliteSteps.Create(session, step, settings, history));
    }

    /// <inheritdoc />
    public Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step)
    {
        StepShapes.Check(step);
        var turn = StoredTurn.From(step.Turn);
        return Writer.RunAsync(turn.Bytes, session => SqliteSteps.Accept(session, key, step, turn));
    }

    /// <inheritdoc />
    public Task StartAsync(ChatKey key, StartStep step) => RunAsync(0, session => SqliteSteps.Start(session, key, step, _time));

    /// <inheritdoc />
    public Task EndAsync(ChatKey key, EndStep step)
    {
        StepShapes.Check(step);
        var outcome = step.Outcome.ToByteArray();
        return RunAsync(outcome.Length, session => SqliteSteps.End(session, key, step, outcome, _time));
    }

    /// <inheritdoc />
    public Task StopAsync(ChatKey key, StopStep step) => RunAsync(0, session => SqliteSteps.Stop(session, key, step));

    /// <inheritdoc />
    public Task ReleaseAsync(ChatKey key, ReleaseStep step) => RunAsync(0, session => SqliteSteps.Release(session, key, step));

    /// <inheritdoc />
    public Task KeepProgressAsync(ChatKey key, ProgressStep step)
    {
        var progress = step.Progress.ToByteArray();
        return RunAsync(progress.Length, session => SqliteSteps.KeepProgress(session, key, step, progress));
    }

    /// <inheritdoc />
    public Task UpdateSettingsAsync(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth)
    {
        var stored = StoredSettings.From(settings);
        return RunAsync(stored.Bytes, session => SqliteSteps.UpdateSettings(session, key, version, settings, stored, updateTime, growth));
    }

    /// <inheritdoc />
    public Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step) => Writer.RunAsync(0, session => SqliteSteps.Delete(session, key, step));

    /// <inheritdoc />
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.Find(session, key) is { } chat ? Snapshot(session, chat.Id, chat.Record) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key) is { } chat ? TurnRows.FindTurn(session, chat.Id, turnId) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key) is { } chat ? TurnRows.ReadInput(session, chat.Id, turnId) : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key) is { } chat ? TurnRows.FindRequest(session, chat.Id, requestId) : null,
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        await _readers.ReadAsync(key.Tenant, session => ProgressRows.Read(session, key, turnId), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => _readers.ReadAsync(
        key.Tenant,
        session => ChatRows.FindHead(session, key) is { } chat && (range.Incarnation is null || range.Incarnation == chat.Incarnation)
            ? TurnRows.ReadLog(session, chat, range)
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        _readers.ReadAsync(query.Tenant, session => ChatListing.List(session, query), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> BeatAsync(string owner, TimeSpan lifetime) => await Writer.RunFirstAsync(session =>
    {
        OwnerRows.Beat(session, owner, _time.GetUtcNow() + lifetime);
        return TurnRows.FindStopped(session, owner);
    }).ConfigureAwait(false);

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => Writer.RunFirstAsync(Done(session => OwnerRows.Delete(session, owner)));

    /// <inheritdoc />
    public async Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        await _readers.ReadAsync("", session => OwnerRows.FindAbandoned(session, _time.GetUtcNow(), query), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => RunAsync(0, session => UsageRows.Keep(session, step));

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        await _readers.ReadAsync(tenant, session => UsageRows.Read(session, tenant, day), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<long> SumHistoryBytesAsync(string tenant, CancellationToken cancellationToken) =>
        _readers.ReadAsync(tenant, session => TenantRows.SumHistoryBytes(session, tenant), cancellationToken);

    /// <summary>Commits what was asked for, and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync().ConfigureAwait(false);
        if (_writer is not null)
        {
            await _writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ChatSnapshot Snapshot(SqliteSession session, long chatId, ChatRecord chat)
    {
        var pending = TurnRows.ReadPending(session, chatId);
        return new ChatSnapshot(chat, TurnRows.LastSequence(session, chatId), pending)
        {
            IsAbandoned = pending.Count > 0 && (pending[0].Owner is not { } owner || OwnerRows.IsGone(session, owner, _time.GetUtcNow())),
        };
    }

    private Task<bool> RunAsync(long bytes, Action<SqliteSession> body) => Writer.RunAsync(bytes, Done(body));

    private static Func<SqliteSession, bool> Done(Action<SqliteSession> body) => session =>
    {
        body(session);
        return true;
    };

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
            if (found != SqliteSchema.Version)
            {
                SqliteLog.Upgraded(_logger, _connections.Path, found, SqliteSchema.Version);
            }

            SqliteLog.Opened(_logger, _connections.Path, SqliteSchema.Version);
        }
        catch (Exception exception)
        {
            // Whoever starts the server gets to read this.
            var failure = SqliteErrors.Translate(exception);
            throw new ChatStoreException($"Storage:Path is {_connections.Path}. {failure.Message}", exception) { Damage = failure.Damage };
        }
    }
}
