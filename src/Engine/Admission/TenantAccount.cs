using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Admission;

/// <summary>A tenant's ledger with what the store knows: the tokens of the day, the bytes in the histories.</summary>
/// <remarks>For callers that share a scheduler, and call one at a time.</remarks>
internal sealed class TenantAccount(string tenant, AdmissionLimits limits, ITenantUsageStore store, TimeProvider time, ILogger logger)
{
    // Increments that were lost, or counted twice, with a server or a call are put right by it.
    private static readonly TimeSpan RecountInterval = TimeSpan.FromMinutes(10);

    // Nobody waits for longer for a tenant's chats to be counted: until they are, none is refused for them.
    private static readonly TimeSpan CountPatience = TimeSpan.FromSeconds(1);

    private readonly TenantLedger _ledger = new(time);
    private long? _counted;
    private Task _count = Task.CompletedTask;

    /// <summary>Takes what a server says, and gives it what there is.</summary>
    public async ValueTask<TenantGrant> ClaimAsync(TenantClaim claim)
    {
        var now = limits.Of(tenant);
        if (now.TokensPerDay is not null && !_ledger.Knows(claim.Day))
        {
            await ReadTokensAsync(claim.Day);
        }

        if (now.StoredBytes is not null)
        {
            await CountAsync();
        }

        return _ledger.Claim(claim, now);
    }

    private async Task ReadTokensAsync(DateOnly day)
    {
        try
        {
            _ledger.Open(day, await store.ReadUsageAsync(tenant, day, CancellationToken.None));
        }
        catch (ChatStoreException failure)
        {
            AdmissionLog.UsageNotRead(logger, failure);
        }
    }

    private async Task CountAsync()
    {
        if (_count.IsCompleted && (_counted is not { } last || time.GetElapsedTime(last) >= RecountInterval))
        {
            _counted = time.GetTimestamp();
            _count = SumAsync();
        }

        if (_ledger.StoredBytes is null)
        {
            await _count.WaitAsync(CountPatience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private async Task SumAsync()
    {
        try
        {
            _ledger.StoredBytes = await store.SumStoredBytesAsync(tenant, CancellationToken.None);
        }
        catch (ChatStoreException failure)
        {
            _counted = null;
            AdmissionLog.UsageNotRead(logger, failure);
        }
    }
}
