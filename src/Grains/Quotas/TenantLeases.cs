namespace GenAI.Chats.Grains.Quotas;

/// <summary>A tenant's leases, with its usage from the store: the tokens of the day, and the size of its chats.</summary>
/// <remarks>Callers share a scheduler, and call one at a time.</remarks>
internal sealed class TenantLeases(string tenant, IOptionsMonitor<LimitsOptions> limits, ITenantUsageStore usage, TimeProvider time, ILogger logger)
{
    // Corrects additions that a lost server or call never reported, or reported twice.
    private static readonly TimeSpan RecountInterval = TimeSpan.FromMinutes(10);

    // Until the first count is done, no send is rejected for the stored bytes.
    private static readonly TimeSpan CountTimeout = TimeSpan.FromSeconds(1);

    private readonly LeaseTable _table = new(time);
    private long? _lastCount;
    private Task _count = Task.CompletedTask;

    /// <summary>Leases a server a part of the tenant's limits.</summary>
    public async ValueTask<Lease> LeaseAsync(LeaseRequest request)
    {
        var current = limits.CurrentValue.Of(tenant);
        if (current.TokensPerDay is not null && !_table.Knows(request.Day))
        {
            await TryLoadAsync(async () => _table.SetTokens(request.Day, await usage.ReadUsageAsync(tenant, request.Day, CancellationToken.None)));
        }

        if (current.StoredBytes is not null)
        {
            await CountBytesAsync();
        }

        return _table.Lease(request, current);
    }

    private async Task CountBytesAsync()
    {
        if (_count.IsCompleted && (_lastCount is not { } last || time.GetElapsedTime(last) >= RecountInterval))
        {
            _lastCount = time.GetTimestamp();
            _count = RecountAsync();
        }

        if (_table.StoredBytes is null)
        {
            await _count.WaitAsync(CountTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task RecountAsync()
    {
        if (!await TryLoadAsync(async () => _table.StoredBytes = await usage.SumStoredBytesAsync(tenant, CancellationToken.None)))
        {
            _lastCount = null;
        }
    }

    private async Task<bool> TryLoadAsync(Func<Task> load)
    {
        try
        {
            await load();
            return true;
        }
        catch (ChatStoreException failure)
        {
            QuotaLog.UsageNotLoaded(logger, failure);
            return false;
        }
    }
}
