namespace GenAI.Chats.Storage.GrainStorage.Tenants;

/// <summary>The tenants that have had chats that expire, because a provider can't list tenants. A tenant is added before its first such chat.</summary>
internal sealed class ExpiringTenants(RecordStorage records, StoreClock clock)
{
    private const int Shards = 16;

    private readonly SharedRecord<ExpiringTenantsRecord>[] _shards =
        [.. Enumerable.Range(0, Shards).Select(shard => new SharedRecord<ExpiringTenantsRecord>(records, RecordName.ExpiringTenants(shard), ExpiringTenantsRecord.Parser))];

    private readonly ConcurrentDictionary<string, bool> _added = new(StringComparer.Ordinal);

    /// <summary>Adds a tenant.</summary>
    public async Task AddAsync(string tenant)
    {
        if (_added.ContainsKey(tenant))
        {
            return;
        }

        await ShardOf(tenant).UpdateAsync(all =>
        {
            all.Format = RecordFormat.Version;
            if (all.Tenants.All(other => other.Id != tenant))
            {
                all.Tenants.Add(new ExpiringTenantsRecord.Types.Tenant { Id = tenant });
            }

            return true;
        }).ConfigureAwait(false);
        _added[tenant] = true;
    }

    /// <summary>Returns the tenants that no server has searched for a while.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(TimeSpan period)
    {
        var due = Due(period);
        var found = await RecordStorage.ForEachAsync(_shards, async shard =>
            (await shard.ReadAsync().ConfigureAwait(false)).Record.Tenants.Where(due).Select(tenant => tenant.Id)).ConfigureAwait(false);
        return [.. found.SelectMany(tenants => tenants)];
    }

    /// <summary>Indicates whether this server searches a tenant now. If so, no other one does.</summary>
    public Task<bool> TryTakeAsync(string tenant, TimeSpan period)
    {
        var now = clock.Now.UtcTicks;
        return ShardOf(tenant).UpdateAsync(all =>
        {
            // With the time of this call, an earlier attempt was written although it seemed to fail.
            if (all.Tenants.FirstOrDefault(other => other.Id == tenant) is not { } found || (found.SweepTime != now && !Due(period)(found)))
            {
                return false;
            }

            found.SweepTime = now;
            return true;
        });
    }

    // Without a clock of the store, a time in the future is that of a server with another clock.
    private Func<ExpiringTenantsRecord.Types.Tenant, bool> Due(TimeSpan period) =>
        tenant => (clock.Now.UtcTicks - tenant.SweepTime) is var age && (age >= period.Ticks || age < -period.Ticks);

    private SharedRecord<ExpiringTenantsRecord> ShardOf(string tenant) => _shards[IdHashes.OfTurn(tenant) % Shards];
}
