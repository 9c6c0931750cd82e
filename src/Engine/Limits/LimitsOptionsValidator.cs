using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Engine.Limits;

/// <summary>Checks <see cref="LimitsOptions"/> at startup and after each change.</summary>
internal sealed class LimitsOptionsValidator : IValidateOptions<LimitsOptions>
{
    private const int MaxTurns = 1_000_000;
    private const double MinMemory = 0.1;

    public ValidateOptionsResult Validate(string? name, LimitsOptions options)
    {
        var check = new SettingsCheck(LimitsOptions.SectionName);
        var server = options.Server;
        check.RequireBetween("Server:ConcurrentTurns", server.ConcurrentTurns ?? MaxTurns, 1, MaxTurns);
        check.RequireBetween("Server:MaxQueuedChats", server.MaxQueuedChats, 0, MaxTurns);
        check.RequireBetween("Server:MaxMemoryUtilization", server.MaxMemoryUtilization, MinMemory, 1);
        check.RequireBetween("Server:CriticalMemoryUtilization", server.CriticalMemoryUtilization, MinMemory, 1);
        foreach (var (tenant, limits) in options.Tenants.Select(t => ($"Tenants:{t.Key}", t.Value)).Prepend(("Default", options.Default)))
        {
            Require(nameof(limits.ConcurrentTurns), limits.ConcurrentTurns);
            Require(nameof(limits.TurnsPerMinute), limits.TurnsPerMinute);
            Require(nameof(limits.TokensPerDay), limits.TokensPerDay);
            Require(nameof(limits.Chats), limits.Chats);
            Require(nameof(limits.StoredBytes), limits.StoredBytes);

            foreach (var (key, ttl) in ((string, TimeSpan?)[])[(nameof(limits.DefaultTtl), limits.DefaultTtl), (nameof(limits.MaxTtl), limits.MaxTtl)])
            {
                check.Require(ttl is null || ttl >= TimeSpan.Zero, $"{tenant}:{key}", ttl, ">= 0, or 0 for none");
            }

            void Require(string key, long? limit) => check.Require(limit is null or >= TenantLimits.Unlimited, $"{tenant}:{key}", limit, ">= 0, or -1 for unlimited");
        }

        return check.Result;
    }
}
