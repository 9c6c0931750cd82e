using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Admission;

/// <summary>How many tokens the turns that ended in this process have used today, by tenant; kept in the store every few seconds.</summary>
internal sealed class TokenCounts(ITenantUsageStore store, string owner, TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly List<(DateOnly Day, Dictionary<string, long> Tokens)> _past = [];
    private Dictionary<string, long> _tokens = new(StringComparer.Ordinal);
    private HashSet<string> _new = new(StringComparer.Ordinal);
    private DateOnly _day;

    /// <summary>The day, in UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Counts what a turn used.</summary>
    public void Add(string tenant, long tokens)
    {
        lock (_lock)
        {
            Turn();
            _tokens[tenant] = _tokens.GetValueOrDefault(tenant) + tokens;
            _new.Add(tenant);
        }
    }

    /// <summary>What a tenant's turns have used today.</summary>
    public long Of(string tenant)
    {
        lock (_lock)
        {
            Turn();
            return _tokens.GetValueOrDefault(tenant);
        }
    }

    /// <summary>Keeps what was counted since the last time. What cannot be kept now is tried again the next time.</summary>
    public async Task KeepAsync()
    {
        foreach (var step in Take())
        {
            await KeepAsync(step).ConfigureAwait(false);
        }
    }

    private async Task KeepAsync(UsageStep step)
    {
        try
        {
            await store.KeepUsageAsync(step).ConfigureAwait(false);
        }
        catch (ChatStoreException failure)
        {
            AdmissionLog.UsageNotKept(logger, failure);
            lock (_lock)
            {
                Turn();
                if (step.Day == _day)
                {
                    _new.UnionWith(step.Tokens.Keys);
                }
                else
                {
                    _past.Add((step.Day, new(step.Tokens)));
                }
            }
        }
    }

    private List<UsageStep> Take()
    {
        lock (_lock)
        {
            Turn();
            var steps = _past.ConvertAll(past => new UsageStep(owner, past.Day, past.Tokens));
            _past.Clear();
            if (_new.Count > 0)
            {
                steps.Add(new UsageStep(owner, _day, _new.ToDictionary(tenant => tenant, tenant => _tokens[tenant])));
                _new = new(StringComparer.Ordinal);
            }

            return steps;
        }
    }

    // A new day starts from nothing; what is left to keep of the last one stays until it is kept.
    private void Turn()
    {
        var today = Today;
        if (today == _day)
        {
            return;
        }

        if (_new.Count > 0)
        {
            _past.Add((_day, _new.ToDictionary(tenant => tenant, tenant => _tokens[tenant])));
        }

        (_day, _tokens, _new) = (today, new(StringComparer.Ordinal), new(StringComparer.Ordinal));
    }
}
