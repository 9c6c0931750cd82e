using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Wakes the grains of chats whose pending turns nobody runs, so that every turn ends, without a client. It starts nothing itself.
/// </summary>
/// <remarks>
/// Turns of owners that are gone come first. Of turns without an owner most wait for a place on a server; they may be any number, so that each sweep looks at some and
/// the next one goes on behind them.
/// </remarks>
internal sealed class AbandonedTurnSweep(
    IChatStore store,
    IOwnerStore owners,
    OrphanedChats orphans,
    ServerState server,
    StoreHealth health,
    IGrainFactory grains,
    ChatMetrics metrics,
    IOptions<ChatsOptions> options,
    TimeProvider time,
    ILogger<AbandonedTurnSweep> logger) : BackgroundService
{
    // A few at a time: many servers sweep, and each grain that wakes runs a turn.
    private const int ChatsAtOnce = 32;
    private const int PageSize = 1024;
    private const int MaxPagesOfGoneOwners = 8;

    private AbandonedChat? _afterGone;
    private AbandonedChat? _afterOwnerless;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Over a damaged store a turn might be run again and again, as its end can't be written.
    private bool CanWake => !server.Draining && health.Damage is null;

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var woken = new HashSet<ChatKey>();
        try
        {
            if (CanWake)
            {
                await WakeOrphansAsync(woken);
            }

            _afterGone = await WakeFoundAsync(new AbandonedQuery(HasOwner: true, PageSize, _afterGone), MaxPagesOfGoneOwners, woken, cancellationToken);
            _afterOwnerless = await WakeFoundAsync(new AbandonedQuery(HasOwner: false, PageSize, _afterOwnerless), 1, woken, cancellationToken);
        }
        catch (ChatStoreException failure)
        {
            HostingLog.SweepFailed(logger, failure);
        }
    }

    // Where the next sweep goes on; null: at the beginning.
    private async Task<AbandonedChat?> WakeFoundAsync(AbandonedQuery query, int maxPages, HashSet<ChatKey> woken, CancellationToken cancellationToken)
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

                metrics.Found(some.Length, "store");
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

    // Taken once: those that this sweep leaves behind are for the next one. Where none of some can be woken, as without the store, it does not try the others.
    private async Task WakeOrphansAsync(HashSet<ChatKey> woken)
    {
        var goOn = true;
        foreach (var some in orphans.Take().Chunk(ChatsAtOnce))
        {
            if (!goOn)
            {
                Array.ForEach(some, orphans.Add);
                continue;
            }

            metrics.Found(some.Length, "process");
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
            // The next sweep tries again: an activation that is about to end, for one, takes no calls.
            orphans.Add(chat);
            HostingLog.WakeFailed(logger, failure.GetType().Name);
            return false;
        }
    }
}
