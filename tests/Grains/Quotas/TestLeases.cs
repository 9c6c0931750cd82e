using System.Collections.Concurrent;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Grains.Quotas;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Tests.Quotas;

/// <summary>The tenants' leases, each tenant's on a scheduler of its own as in a grain. A test can make them unreachable.</summary>
internal sealed class TestLeases(IOptionsMonitor<LimitsOptions> limits, ITenantUsageStore store, TimeProvider time) : ILeaseSource
{
    private readonly ConcurrentDictionary<string, Tenant> _tenants = new();
    private int _requests;

    /// <summary>Has the world's servers enforce tenants' limits, with leases from here.</summary>
    public static TestLeases Add(ChatWorld world)
    {
        var leases = new TestLeases(world.Limits, world.Store, world.Time);
        world.NewQuotas = leases.NewQuotas;
        return leases;
    }

    /// <summary>How often servers requested a lease.</summary>
    public int Requests => _requests;

    /// <summary>Whether requests fail.</summary>
    public bool AreUnreachable { get; set; }

    /// <summary>Called before each request.</summary>
    public Func<Task>? Before { get; set; }

    private TenantQuotas NewQuotas(ServerState server)
    {
        var tokens = new TokenUsage(store, server, time, NullLogger<TokenUsage>.Instance);
        return new TenantQuotas(limits, this, server, tokens, time, NullLogger<TenantQuotas>.Instance);
    }

    public async Task<Lease> LeaseAsync(string tenant, LeaseRequest request)
    {
        Interlocked.Increment(ref _requests);
        if (Before is { } before)
        {
            await before();
        }

        if (AreUnreachable)
        {
            throw new TimeoutException("The test's leases are unreachable.");
        }

        return await _tenants.GetOrAdd(tenant, name => new Tenant(new TenantLeases(name, limits, store, time, NullLogger.Instance))).LeaseAsync(request);
    }

    /// <summary>The servers that kept the leases are lost, and the leases with them.</summary>
    public void Forget() => _tenants.Clear();

    private sealed class Tenant(TenantLeases leases)
    {
        private readonly Lock _lock = new();
        private Task _last = Task.CompletedTask;

        public Task<Lease> LeaseAsync(LeaseRequest request)
        {
            lock (_lock)
            {
                var next = LeaseAfterAsync(_last, request);
                _last = next;
                return next;
            }
        }

        private async Task<Lease> LeaseAfterAsync(Task last, LeaseRequest request)
        {
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            return await leases.LeaseAsync(request);
        }
    }
}
