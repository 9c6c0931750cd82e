namespace GenAI.Chats.Grains.Quotas;

/// <summary>The tokens used today by turns that ended on this server, by tenant. Saved to the store periodically.</summary>
internal sealed class TokenUsage(ITenantUsageStore store, ServerState server, TimeProvider time, ILogger<TokenUsage> logger)
{
    private readonly Lock _lock = new();

    // Earlier days stay until they are saved.
    private readonly Dictionary<(string Tenant, DateOnly Day), long> _tokens = [];
    private readonly HashSet<(string Tenant, DateOnly Day)> _unsaved = [];

    /// <summary>The current day in UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Adds the tokens of a turn.</summary>
    public void Add(string tenant, long tokens)
    {
        lock (_lock)
        {
            var key = (tenant, Today);
            _tokens[key] = _tokens.GetValueOrDefault(key) + tokens;
            _unsaved.Add(key);
        }
    }

    /// <summary>Returns the tokens that a tenant has used today.</summary>
    public long Of(string tenant)
    {
        lock (_lock)
        {
            return _tokens.GetValueOrDefault((tenant, Today));
        }
    }

    /// <summary>Saves what has changed. What can't be saved is saved the next time.</summary>
    public async Task SaveAsync()
    {
        foreach (var step in TakeChanges())
        {
            try
            {
                await store.KeepUsageAsync(step).ConfigureAwait(false);
            }
            catch (ChatStoreException failure)
            {
                QuotaLog.UsageNotSaved(logger, failure);
                lock (_lock)
                {
                    _unsaved.UnionWith(step.Tokens.Keys.Select(tenant => (tenant, step.Day)));
                }
            }
        }
    }

    private List<UsageStep> TakeChanges()
    {
        lock (_lock)
        {
            foreach (var key in _tokens.Keys.Where(key => key.Day != Today && !_unsaved.Contains(key)))
            {
                _tokens.Remove(key);
            }

            var changes = _unsaved.GroupBy(key => key.Day, key => key.Tenant).ToList();
            _unsaved.Clear();
            return changes.ConvertAll(day => new UsageStep(server.Owner, day.Key, day.ToDictionary(tenant => tenant, tenant => _tokens[(tenant, day.Key)])));
        }
    }
}
