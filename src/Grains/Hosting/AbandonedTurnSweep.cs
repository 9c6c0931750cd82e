using GenAI.Chats.Grains.Engine;
using GenAI.Chats.Grains.Storage;
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
    IGrainFactory grains,
    IOptions<ChatsOptions> options,
    TimeProvider time,
    ILogger<AbandonedTurnSweep> logger) : BackgroundService
{
    // A few at a time: many servers sweep, and each grain that wakes runs a turn.
    private const int ChatsPerSweep = 32;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var found = ChatsPerSweep;
        while (found == ChatsPerSweep && !server.Draining)
        {
            try
            {
                var abandoned = await store.FindAbandonedAsync(ChatsPerSweep, cancellationToken);
                found = abandoned.Count;
                var woken = await Task.WhenAll(orphans.Take().Concat(abandoned).Distinct().Select(WakeAsync));
                if (woken.Contains(false))
                {
                    return;
                }
            }
            catch (ChatStoreException failure)
            {
                HostingLog.SweepFailed(logger, failure);
                return;
            }
        }
    }

    private async Task<bool> WakeAsync(ChatKey key)
    {
        try
        {
            await grains.GetGrain<IChatGrain>(key.ToString()).WakeAsync();
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The next sweep finds it again.
            HostingLog.WakeFailed(logger, failure);
            return false;
        }
    }
}
