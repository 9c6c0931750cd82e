using GenAI.Chats.Grains.Engine;
using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Wakes the grains of chats whose pending turns nobody runs, so that every turn ends, without a client. It starts nothing itself.
/// </summary>
internal sealed class AbandonedTurnSweep(
    IChatStore store,
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
    private const int MaxChatsPerSweep = 1024;

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

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var woken = new HashSet<ChatKey>();
        try
        {
            if (CanWake)
            {
                await WakeOrphansAsync(woken);
            }

            while (CanWake && woken.Count < MaxChatsPerSweep)
            {
                // A chat that was woken may still be among the first, until its turn has started.
                var abandoned = await store.FindAbandonedAsync(woken.Count + ChatsAtOnce, cancellationToken);
                var next = abandoned.Where(woken.Add).ToList();
                if (next.Count == 0)
                {
                    return;
                }

                metrics.Found(next.Count, "store");
                await Task.WhenAll(next.Select(key => WakeAsync(new OrphanedChat(key))));
            }
        }
        catch (ChatStoreException failure)
        {
            HostingLog.SweepFailed(logger, failure);
        }
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
