using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Records;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Chats over an Orleans storage provider, which reads and writes records by key and ETag and knows nothing else: no transactions, no queries, no clock.
/// </summary>
/// <remarks>
/// <para>A chat's head is the one record whose compare-and-set commits a step. What a step adds that is large, pages of the log too, is written once
/// before the head that names it; what a head no longer names is cleared after it.</para>
/// <para>A step writes the head, which is at most about 100 KiB whatever the log's length, and seldom a page: a page for each 32 KiB of
/// turns, a branch for each 32 pages. A chat whose last turn is long ago costs one write more at its next. A step reads nothing as long as only this server
/// writes the chat. After that, or a start, the first step reads the head and the log's branches, one for each 256 to 2,048 turns.</para>
/// <para>A list of chats reads one head for each chat that the tenant has. What is found to be abandoned was written by this server, or by one that is
/// gone; each server that lives finds its own.</para>
/// </remarks>
internal sealed class GrainStorageChatStore(IGrainStorageSource source, TimeProvider time, ILogger<GrainStorageChatStore> logger) : IChatStore, IAsyncDisposable
{
    private readonly RecordCache _cache = new();
    private readonly KeyedLocks<ChatKey> _locks = new();
    private Parts? _parts;

    /// <summary>How records are cut.</summary>
    public HeadLimits Limits { get; init; } = new();

    private Parts Opened => _parts ?? throw new InvalidOperationException($"{nameof(InitializeAsync)} comes first.");

    /// <inheritdoc />
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var records = new RecordStorage(await source.StartAsync(cancellationToken).ConfigureAwait(false));
        var files = new ChatFiles(records, _cache);
        var log = new ChatLog(files);
        var leftovers = new Leftovers(files, _cache, logger);
        var owners = new OwnerBeats(records, time);
        var stops = new OwnerStops(records, logger);
        var servers = new SharedRecord<ServersRecord>(records, RecordName.Servers, ServersRecord.Parser);
        var pending = new PendingChats(records, owners, servers);
        var heads = new ChatHeads(records, _cache, files, pending, leftovers, Limits);
        var abandoned = new AbandonedChats(records, heads, owners, pending, servers, time, logger);
        var index = new TenantIndex(records, pending.ServerId);
        var catalog = new ChatCatalog(heads, log, files, index, abandoned, leftovers, pending.ServerId);
        _parts = new Parts(records, heads, log, files, new ChatSteps(heads, log, files, owners, stops), catalog, owners, stops, pending, abandoned, new UsageBooks(records), leftovers);

        // Whoever starts the server gets to read what is wrong with the provider.
        await servers.ReadAsync().ConfigureAwait(false);
        GrainStorageLog.Opened(logger, pending.ServerId);
    }

    /// <inheritdoc />
    public Task<ChatRecord?> CreateAsync(CreateStep step)
    {
        StepShapes.Check(step);
        return RunAsync(step.Chat.Key, parts => parts.Catalog.CreateAsync(step));
    }

    /// <inheritdoc />
    public Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step)
    {
        StepShapes.Check(step);
        return RunAsync(key, parts => parts.Steps.AcceptAsync(key, step));
    }

    /// <inheritdoc />
    public Task StartAsync(ChatKey key, StartStep step) => RunAsync(key, parts => parts.Steps.StartAsync(key, step));

    /// <inheritdoc />
    public Task EndAsync(ChatKey key, EndStep step)
    {
        StepShapes.Check(step);
        return RunAsync(key, parts => parts.Steps.EndAsync(key, step));
    }

    /// <inheritdoc />
    public Task StopAsync(ChatKey key, StopStep step) => RunAsync(key, parts => parts.Steps.StopAsync(key, step));

    /// <inheritdoc />
    public Task ReleaseAsync(ChatKey key, ReleaseStep step) => RunAsync(key, parts => parts.Steps.ReleaseAsync(key, step));

    /// <inheritdoc />
    public Task KeepProgressAsync(ChatKey key, ProgressStep step) => RunAsync(key, parts => parts.Steps.KeepProgressAsync(key, step));

    /// <inheritdoc />
    public Task UpdateSettingsAsync(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth) =>
        RunAsync(key, parts => parts.Steps.UpdateSettingsAsync(key, version, settings, updateTime, growth));

    /// <inheritdoc />
    public Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step) => RunAsync(key, parts => parts.Catalog.DeleteAsync(key, step));

    /// <inheritdoc />
    public async Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken)
    {
        var snapshot = await Opened.Heads.ReadAsync(
            key, async head => head.Chat is null ? null : await Opened.Catalog.LoadAsync(key, head.Chat).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return snapshot is not { Pending.Count: > 0 }
            ? snapshot
            : snapshot with { IsAbandoned = snapshot.Pending[0].Owner is not { } owner || await Opened.Owners.IsGoneAsync(owner).ConfigureAwait(false) };
    }

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        FindAsync(key, chat => Opened.Log.FindTurnAsync(key, chat, turnId), withInput: false, cancellationToken);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => Opened.Heads.ReadAsync(
        key,
        async head => head.Chat is not null && await Opened.Log.FindTurnAsync(key, head.Chat, turnId).ConfigureAwait(false) is { } turn
            ? TurnInput.Parser.Parse(await Opened.Files.ReadPayloadAsync(key, turn.Input).ConfigureAwait(false))
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        FindAsync(key, chat => Opened.Log.FindRequestAsync(key, chat, requestId), withInput: true, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Opened.Heads.ReadAsync(key, head => Opened.Steps.ReadProgressAsync(key, head, turnId), cancellationToken);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => Opened.Heads.ReadAsync(
        key,
        async head => head.Chat is { } chat && (range.Incarnation is null || range.Incarnation == chat.Incarnation)
            ? await Opened.Log.ReadAsync(key, chat, range, cancellationToken).ConfigureAwait(false)
            : null,
        cancellationToken);

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) => Opened.Catalog.ListAsync(query, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StoppedTurn>> BeatAsync(string owner, TimeSpan lifetime)
    {
        await Opened.Pending.JoinAsync(owner).ConfigureAwait(false);
        await Opened.Owners.BeatAsync(owner, lifetime).ConfigureAwait(false);
        return await Opened.Stops.TakeAsync(owner).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task LeaveAsync(string owner)
    {
        await Opened.Owners.LeaveAsync(owner).ConfigureAwait(false);
        await Opened.Stops.RemoveAsync(owner).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Opened.Abandoned.FindAsync(query, cancellationToken);

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => Opened.Usage.KeepAsync(step);

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        Opened.Usage.ReadAsync(tenant, day);

    /// <inheritdoc />
    public Task<long> SumHistoryBytesAsync(string tenant, CancellationToken cancellationToken) =>
        Opened.Catalog.SumHistoryBytesAsync(tenant, cancellationToken);

    /// <summary>Waits for what is under way beside the steps.</summary>
    public Task FinishAsync() => Opened.Leftovers.FinishAsync();

    /// <summary>Finishes what is under way beside the steps, and leaves nothing of this server where it left no pending turn.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_parts is { } parts)
        {
            await parts.Leftovers.FinishAsync().ConfigureAwait(false);
            parts.Leftovers.Run(() => parts.Pending.LeaveAsync(parts.Records));
            await parts.Leftovers.FinishAsync().ConfigureAwait(false);
        }

        _cache.Dispose();
    }

    private Task<TurnRecord?> FindAsync(
        ChatKey key, Func<ChatHead.Types.Chat, Task<LogTurn?>> find, bool withInput, CancellationToken cancellationToken) =>
        Opened.Heads.ReadAsync(
            key,
            async head => head.Chat is not null && await find(head.Chat).ConfigureAwait(false) is { } turn
                ? await Opened.Files.ReadTurnAsync(key, turn, withInput).ConfigureAwait(false)
                : null,
            cancellationToken);

    // Steps of one chat do not get in each other's way here.
    private async Task<T> RunAsync<T>(ChatKey key, Func<Parts, Task<T>> step)
    {
        using (await _locks.EnterAsync(key).ConfigureAwait(false))
        {
            return await step(Opened).ConfigureAwait(false);
        }
    }

    private Task<bool> RunAsync(ChatKey key, Func<Parts, Task> step) => RunAsync(key, async parts =>
    {
        await step(parts).ConfigureAwait(false);
        return true;
    });

    private sealed record Parts(
        RecordStorage Records,
        ChatHeads Heads,
        ChatLog Log,
        ChatFiles Files,
        ChatSteps Steps,
        ChatCatalog Catalog,
        OwnerBeats Owners,
        OwnerStops Stops,
        PendingChats Pending,
        AbandonedChats Abandoned,
        UsageBooks Usage,
        Leftovers Leftovers);
}
