using GenAI.Chats.Storage.GrainStorage.Tenants;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Removes expired chats, which already don't exist for any call. Walks slowly through the chats of tenants that have had chats that expire.</summary>
internal sealed class ExpirySweeper(ChatCatalog catalog, ExpiringTenants tenants, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    // The time between two walks through the chats of a tenant, by any server.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    private readonly CancellationTokenSource _stop = new();
    private Task _sweeping = Task.CompletedTask;

    /// <summary>Starts to sweep from time to time.</summary>
    public void Start() => _sweeping = Task.Run(async () =>
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                await TrySweepAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    });

    /// <summary>Stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sweeping.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Removes the expired chats of the tenants that are due.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var tenant in await tenants.FindAsync(Period).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await tenants.TryTakeAsync(tenant, Period).ConfigureAwait(false))
            {
                await catalog.RemoveExpiredAsync(tenant, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task TrySweepAsync()
    {
        try
        {
            await SweepAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (ChatStoreException exception)
        {
            GrainStorageLog.SweepFailed(logger, exception);
        }
    }
}
