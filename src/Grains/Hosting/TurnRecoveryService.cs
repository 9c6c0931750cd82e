namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Recovers orphaned turns: activates the grains of chats with pending turns that no server runs, so that every turn ends without a client.
/// </summary>
/// <remarks>
/// Turns whose owner failed come first. Most turns without an owner wait for a slot on a server. There can be any number of them, so each scan looks at some,
/// and the next scan continues after them.
/// </remarks>
internal sealed class TurnRecoveryService(
    IChatStore store,
    IOwnerStore owners,
    ServerState server,
    StoreHealth health,
    IGrainFactory grains,
    ChatMetrics metrics,
    IOptions<ChatsOptions> options,
    ILogger<TurnRecoveryService> logger) : BackgroundService
{
    // A few at a time: many servers scan, and each activated grain runs a turn.
    private const int ChatsAtOnce = 32;
    private const int PageSize = 1024;
    private const int MaxPagesOfFailedOwners = 8;

    private BusyChat? _afterFailed;
    private BusyChat? _afterOwnerless;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RecoveryInterval, server.Time);
        do
        {
            await RecoverAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // If the store is damaged, a turn might run again and again, as its end can't be written.
    private bool CanWake => !server.Draining && health.Damage is null;

    internal async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var woken = new HashSet<ChatKey>();
        try
        {
            if (CanWake)
            {
                await WakeOrphansAsync(woken);
            }

            _afterFailed = await WakeFoundAsync(new AbandonedQuery(HasOwner: true, PageSize, _afterFailed), MaxPagesOfFailedOwners, woken, cancellationToken);
            _afterOwnerless = await WakeFoundAsync(new AbandonedQuery(HasOwner: false, PageSize, _afterOwnerless), 1, woken, cancellationToken);
        }
        catch (ChatStoreException failure)
        {
            HostingLog.RecoveryFailed(logger, failure);
        }
    }

    // Returns where the next scan continues. Null: at the beginning.
    private async Task<BusyChat?> WakeFoundAsync(AbandonedQuery query, int maxPages, HashSet<ChatKey> woken, CancellationToken cancellationToken)
    {
        for (var pages = 0; pages < maxPages && CanWake; pages++)
        {
            var page = await owners.FindAbandonedAsync(query, cancellationToken);
            foreach (var some in page.Select(chat => chat.Key).Where(woken.Add).Chunk(ChatsAtOnce))
            {
                if (!CanWake)
                {
                    break;
                }

                metrics.OrphansFound(some.Length, "store");
                await Task.WhenAll(some.Select(key => WakeAsync(new OrphanedChat(key))));
            }

            if (page.Count < query.MaxChats)
            {
                return null;
            }

            query = query with { After = page[^1] };
        }

        return query.After;
    }

    // Chats that this scan leaves are for the next one. If none of a batch can be activated, for example because the store is down, the others aren't tried.
    private async Task WakeOrphansAsync(HashSet<ChatKey> woken)
    {
        var goOn = true;
        foreach (var some in server.TakeOrphans().Chunk(ChatsAtOnce))
        {
            if (!goOn)
            {
                Array.ForEach(some, server.AddOrphan);
                continue;
            }

            metrics.OrphansFound(some.Length, "process");
            goOn = (await Task.WhenAll(some.Select(WakeAsync))).Contains(true);
            woken.UnionWith(some.Select(orphan => orphan.Key));
        }
    }

    private async Task<bool> WakeAsync(OrphanedChat chat)
    {
        try
        {
            await chat.ReleaseAsync(store, server.Owner);
            await grains.GetGrain<IChatGrain>(chat.Key.ToString()).WakeAsync();
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The next scan tries again: an activation that is about to end, for example, accepts no calls.
            server.AddOrphan(chat);
            HostingLog.WakeFailed(logger, failure.GetType().Name);
            return false;
        }
    }
}
