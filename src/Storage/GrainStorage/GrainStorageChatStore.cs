using GenAI.Chats.Storage.GrainStorage.Logs;
using GenAI.Chats.Storage.GrainStorage.Owners;
using GenAI.Chats.Storage.GrainStorage.Sharing;
using GenAI.Chats.Storage.GrainStorage.Tenants;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Stores everything with an Orleans storage provider, which only reads and writes records by key and ETag. It has no transactions and no queries.
/// </summary>
/// <remarks>
/// <para>A step commits with a compare-and-set of the chat's head record. Large values, and pages of the log, are written once, before the head that
/// names them. Records that a head no longer names are garbage, and are cleared afterwards.</para>
/// <para>A step writes the head, which has at most about 100 KiB whatever the length of the log. It writes a page for each 32 KiB of turns, and an
/// index node for each 32 pages. The first step after a long time costs one more write. A step reads nothing as long as only this server writes the
/// chat. Otherwise, the first step reads the head and the index nodes, one for each 256 to 2,048 turns.</para>
/// <para>A fork shares the pages of its source. It writes new ones only where its path leaves the source's log within a page: at most two for each
/// branch. An erasure rewrites each page that has erased turns.</para>
/// <para>A list of chats reads one head for each chat of the tenant. Each live server finds the abandoned chats that it wrote itself, and the chats
/// of servers that are gone.</para>
/// </remarks>
internal sealed class GrainStorageChatStore(IGrainStorageSource source, TimeProvider time, ILogger<GrainStorageChatStore> logger) : IStorageBackend, IAsyncDisposable
{
    private readonly RecordCache _cache = new();
    private readonly KeyedLocks<ChatKey> _locks = new();
    private Parts? _parts;

    /// <summary>The limits of head records.</summary>
    public HeadLimits Limits { get; init; } = new();

    private Parts Opened => _parts ?? throw new InvalidOperationException($"Call {nameof(InitializeAsync)} first.");

    /// <inheritdoc />
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var records = new RecordStorage(await source.StartAsync(cancellationToken).ConfigureAwait(false));
        var sealedRecords = new SealedRecords(records, _cache);
        var walk = new LogWalk(sealedRecords);
        var log = new ChatLog(sealedRecords, walk);
        var edits = new LogEdits(sealedRecords);
        var garbage = new Garbage(sealedRecords, _cache, logger);
        var owners = new OwnerHeartbeats(records, time);
        var stops = new OwnerStops(records, logger);
        var servers = new SharedRecord<ServersRecord>(records, RecordName.Servers, ServersRecord.Parser);
        var pending = new PendingChats(records, owners, servers);
        var clock = new StoreClock(source, time, logger);
        var expiring = new ExpiringTenants(records, clock);
        var heads = new ChatHeads(records, _cache, sealedRecords, pending, expiring, garbage, Limits, clock);
        var forkLists = new ForkLists(records);
        garbage.ClearDeletedAsync = new DeletedLogs(heads, sealedRecords, walk, forkLists).ClearAsync;
        var abandoned = new AbandonedChats(records, heads, owners, pending, servers, time, logger);
        var index = new TenantIndex(records, pending.ServerId);
        var catalog = new ChatCatalog(heads, sealedRecords, index, expiring, abandoned, garbage, pending.ServerId);
        _parts = new Parts(
            records,
            heads,
            log,
            sealedRecords,
            new ChatSteps(heads, log, edits, sealedRecords, owners, stops),
            catalog,
            new ChatForks(heads, edits, catalog, forkLists, garbage),
            owners,
            stops,
            pending,
            abandoned,
            new BusyChats(records, heads, pending, servers),
            new UsageLedger(records),
            new ExpirySweeper(catalog, expiring, time, logger),
            garbage,
            clock);

        // If the provider can't be used, the start fails with its error message.
        await servers.ReadAsync().ConfigureAwait(false);
        await clock.ReadAsync(cancellationToken).ConfigureAwait(false);
        GrainStorageLog.Opened(logger, pending.ServerId);
        _parts.Sweeper.Start();
    }

    /// <inheritdoc />
    public async Task<StepResult> ApplyAsync(ChatKey key, ChatStep step)
    {
        var serialized = new SerializedStep(key, step);

        // The steps of this server on one chat must not make each other retry.
        using (await _locks.EnterAsync(key).ConfigureAwait(false))
        {
            return step switch
            {
                CreateStep create => await Opened.Catalog.CreateAsync(create, serialized).ConfigureAwait(false),
                ForkStep fork => await Opened.Forks.ForkAsync(fork, serialized).ConfigureAwait(false),
                DeleteStep delete => StepResult.Of(await Opened.Catalog.DeleteAsync(key, delete).ConfigureAwait(false)),
                _ => await Opened.Steps.ApplyAsync(serialized).ConfigureAwait(false),
            };
        }
    }

    /// <inheritdoc />
    public async Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken)
    {
        var snapshot = await Opened.Heads.ReadAsync(
            key,
            async head => Opened.Heads.Existing(head) is { } chat ? await Opened.Catalog.LoadAsync(key, chat).ConfigureAwait(false) : null,
            cancellationToken).ConfigureAwait(false);
        return snapshot is not { Pending.Count: > 0 }
            ? snapshot
            : snapshot with { IsAbandoned = snapshot.Pending[0].Owner is not { } owner || await Opened.Owners.IsGoneAsync(owner).ConfigureAwait(false) };
    }

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        FindAsync(key, chat => FindExistingAsync(key, chat, turnId), withInput: false, cancellationToken);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => Opened.Heads.ReadAsync(
        key,
        async head => Opened.Heads.Existing(head) is { } chat && await FindExistingAsync(key, chat, turnId).ConfigureAwait(false) is { } turn
            ? TurnInput.Parser.Parse(await Opened.Sealed.ReadPayloadAsync(key, turn.Input).ConfigureAwait(false))
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) =>
        FindAsync(key, chat => Opened.Log.FindRevisionAsync(key, chat, revision, range), withInput: false, cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        FindAsync(key, chat => Opened.Log.FindRequestAsync(key, chat, requestId), withInput: true, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Opened.Heads.ReadAsync(key, head => Opened.Steps.ReadProgressAsync(key, head, turnId), cancellationToken);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => Opened.Heads.ReadAsync(
        key,
        async head => Opened.Heads.Existing(head) is { } chat && (range.Incarnation is null || range.Incarnation == chat.Incarnation)
            ? await Opened.Log.ReadAsync(key, chat, range, cancellationToken).ConfigureAwait(false)
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) => Opened.Catalog.ListAsync(query, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease)
    {
        await Opened.Pending.JoinAsync(owner).ConfigureAwait(false);
        await Opened.Owners.HeartbeatAsync(owner, lease).ConfigureAwait(false);
        await Opened.Clock.RefreshAsync().ConfigureAwait(false);
        return await Opened.Stops.TakeAsync(owner).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => Opened.Owners.LeaveAsync(owner);

    /// <inheritdoc />
    public Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Opened.Abandoned.FindAsync(query, cancellationToken);

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => Opened.Usage.KeepAsync(step);

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        Opened.Usage.ReadAsync(tenant, day);

    /// <inheritdoc />
    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        Opened.Catalog.SumStoredBytesAsync(tenant, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>?>(null);

    /// <inheritdoc />
    public Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) => Opened.Busy.ListAsync(query, cancellationToken);

    /// <summary>Waits for background work.</summary>
    public Task FinishAsync() => Opened.Garbage.FinishAsync();

    /// <summary>Searches for expired chats of tenants that no server has searched for a while, and removes them.</summary>
    public Task SweepAsync() => Opened.Sweeper.SweepAsync(CancellationToken.None);

    /// <summary>Finishes background work. If this server has no pending turns, clears its records.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_parts is { } parts)
        {
            await parts.Sweeper.DisposeAsync().ConfigureAwait(false);
            await parts.Garbage.FinishAsync().ConfigureAwait(false);
            parts.Garbage.Run(() => parts.Pending.LeaveAsync(parts.Records));
            await parts.Garbage.FinishAsync().ConfigureAwait(false);
        }

        _cache.Dispose();
    }

    private async Task<LogTurn?> FindExistingAsync(ChatKey key, ChatHead.Types.Chat chat, string turnId) =>
        await Opened.Log.FindTurnAsync(key, chat, turnId).ConfigureAwait(false) is { Erased: false } turn ? turn : null;

    private Task<TurnRecord?> FindAsync(
        ChatKey key, Func<ChatHead.Types.Chat, Task<LogTurn?>> find, bool withInput, CancellationToken cancellationToken) =>
        Opened.Heads.ReadAsync(
            key,
            async head => Opened.Heads.Existing(head) is { } chat && await find(chat).ConfigureAwait(false) is { } turn
                ? await Opened.Log.ReadTurnAsync(key, chat, turn, withInput).ConfigureAwait(false)
                : null,
            cancellationToken);

    private sealed record Parts(
        RecordStorage Records,
        ChatHeads Heads,
        ChatLog Log,
        SealedRecords Sealed,
        ChatSteps Steps,
        ChatCatalog Catalog,
        ChatForks Forks,
        OwnerHeartbeats Owners,
        OwnerStops Stops,
        PendingChats Pending,
        AbandonedChats Abandoned,
        BusyChats Busy,
        UsageLedger Usage,
        ExpirySweeper Sweeper,
        Garbage Garbage,
        StoreClock Clock);
}
