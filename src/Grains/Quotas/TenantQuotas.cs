using System.Collections.Concurrent;

namespace GenAI.Chats.Grains.Quotas;

/// <summary>The quotas of the tenants that have chats or turns on this server.</summary>
internal sealed class TenantQuotas(
    IOptionsMonitor<LimitsOptions> limits, ILeaseSource leases, ServerState server, TokenUsage tokens, TimeProvider time, ILogger<TenantQuotas> logger) : ITenantQuotas
{
    private const int RenewalsAtOnce = 64;

    private readonly ConcurrentDictionary<string, TenantQuota> _quotas = new(StringComparer.Ordinal);

    /// <summary>The current limits. A change replaces the object.</summary>
    public LimitsOptions Limits => limits.CurrentValue;

    /// <summary>Where leases come from.</summary>
    public ILeaseSource Leases => leases;

    /// <summary>The tokens used on this server.</summary>
    public TokenUsage Tokens => tokens;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The logger.</summary>
    public ILogger Log => logger;

    /// <summary>This server, as other servers and the store know it.</summary>
    public string Owner => server.Owner;

    /// <summary>The number of tenants in memory.</summary>
    public int Count => _quotas.Count;

    /// <inheritdoc/>
    public ITenantQuota Open(string tenant) => OpenCore(tenant);

    /// <inheritdoc/>
    public IDisposable? Check(string tenant, bool mayBeRetry)
    {
        var rejection = server.Rejection() ?? (_quotas.TryGetValue(tenant, out var quota) ? quota.Rejection() : null);
        return rejection is null ? null
            : mayBeRetry && OpenCore(tenant).TryPassOn() is { } passedOn ? passedOn
            : throw LimitsLog.Rejected(logger, rejection);
    }

    /// <summary>Renews all leases, gives up leases that aren't needed, and forgets idle tenants without chats in memory. Called periodically.</summary>
    public async Task RenewAsync()
    {
        foreach (var quotas in _quotas.Values.Chunk(RenewalsAtOnce))
        {
            await Task.WhenAll(quotas.Select(RenewAsync)).ConfigureAwait(false);
        }
    }

    private TenantQuota OpenCore(string tenant)
    {
        while (true)
        {
            var quota = _quotas.GetOrAdd(tenant, static (name, quotas) => new TenantQuota(name, quotas), this);
            if (quota.TryOpen())
            {
                return quota;
            }
        }
    }

    private async Task RenewAsync(TenantQuota quota)
    {
        if (!await quota.RenewAsync().ConfigureAwait(false))
        {
            _quotas.TryRemove(KeyValuePair.Create(quota.Tenant, quota));
        }
    }
}
