using System.Collections.Concurrent;
using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Engine.Tests.Support;

/// <summary>The tenants' accounts, each on a scheduler of its own as a grain is, that a test may put out of reach.</summary>
internal sealed class TestLedgers(AdmissionLimits limits, ITenantUsageStore store, TimeProvider time) : ITenantLedgers
{
    private readonly ConcurrentDictionary<string, Account> _accounts = new();
    private int _claims;

    /// <summary>How often servers asked.</summary>
    public int Claims => _claims;

    /// <summary>Whether nobody answers.</summary>
    public bool AreGone { get; set; }

    /// <summary>Called before each claim.</summary>
    public Func<Task>? Before { get; set; }

    public async Task<TenantGrant> ClaimAsync(string tenant, TenantClaim claim)
    {
        Interlocked.Increment(ref _claims);
        if (Before is { } before)
        {
            await before();
        }

        if (AreGone)
        {
            throw new TimeoutException("The test's ledgers are gone.");
        }

        return await _accounts.GetOrAdd(tenant, name => new Account(new TenantAccount(name, limits, store, time, NullLogger.Instance))).ClaimAsync(claim);
    }

    /// <summary>The servers that had the accounts are lost, and what they knew.</summary>
    public void Forget() => _accounts.Clear();

    private sealed class Account(TenantAccount account)
    {
        private readonly Lock _lock = new();
        private Task _last = Task.CompletedTask;

        public Task<TenantGrant> ClaimAsync(TenantClaim claim)
        {
            lock (_lock)
            {
                var next = ClaimAfterAsync(_last, claim);
                _last = next;
                return next;
            }
        }

        private async Task<TenantGrant> ClaimAfterAsync(Task last, TenantClaim claim)
        {
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            return await account.ClaimAsync(claim);
        }
    }
}
