using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Tells the store that this process lives, from before its first turn until after its last, and stops the turns that the store says must stop. A beat
/// that fails is tried again at the next: a server that can't beat for long loses its turns to others, and finds out with its next commit.
/// </summary>
internal sealed class OwnerBeat(
    IOwnerStore store,
    ServerState server,
    StoreBeat beat,
    ChatMetrics metrics,
    IOptions<ChatsOptions> options,
    TimeProvider time,
    ILogger<OwnerBeat> logger) : IHostedService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _beating = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await BeatOnceAsync();
        _beating = BeatAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _beating;
        try
        {
            await store.LeaveAsync(server.Owner);
        }
        catch (ChatStoreException failure)
        {
            HostingLog.LeaveFailed(logger, failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    private async Task BeatOnceAsync()
    {
        var stopped = await store.HeartbeatAsync(server.Owner, options.Value.OwnerLifetime);
        beat.Taken();
        foreach (var turn in stopped)
        {
            server.Turns.Stop(turn);
        }
    }

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(options.Value.BeatInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await BeatOnceAsync();
                }
                catch (ChatStoreException failure)
                {
                    metrics.BeatFailed();
                    HostingLog.BeatFailed(logger, failure);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
