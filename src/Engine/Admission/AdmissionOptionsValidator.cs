using System.Globalization;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Admission;

/// <summary>Checks <see cref="AdmissionOptions"/>, at startup and whenever they change.</summary>
internal sealed class AdmissionOptionsValidator : IValidateOptions<AdmissionOptions>
{
    private const int MaxTurns = 1_000_000;
    private const double MinMemoryShare = 0.1;

    public ValidateOptionsResult Validate(string? name, AdmissionOptions options)
    {
        var failures = Check(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Check(AdmissionOptions options)
    {
        var server = options.Server;
        if (server.ConcurrentTurns is < 1 or > MaxTurns)
        {
            yield return Broken("Server:ConcurrentTurns", server.ConcurrentTurns, $"between 1 and {MaxTurns}");
        }

        if (server.WaitingChats is < 0 or > MaxTurns)
        {
            yield return Broken("Server:WaitingChats", server.WaitingChats, $"between 0 and {MaxTurns}");
        }

        if (server.MemoryShare is not (>= MinMemoryShare and <= 1))
        {
            yield return Broken("Server:MemoryShare", server.MemoryShare, string.Create(CultureInfo.InvariantCulture, $"between {MinMemoryShare} and 1"));
        }

        if (server.MaxMemoryShare is not (>= MinMemoryShare and <= 1))
        {
            yield return Broken("Server:MaxMemoryShare", server.MaxMemoryShare, string.Create(CultureInfo.InvariantCulture, $"between {MinMemoryShare} and 1"));
        }

        foreach (var (tenant, limits) in options.Tenants.Select(t => ($"Tenants:{t.Key}", t.Value)).Prepend(("Default", options.Default)))
        {
            (string Key, long? Value)[] members =
            [
                (nameof(limits.ConcurrentTurns), limits.ConcurrentTurns),
                (nameof(limits.TurnsPerMinute), limits.TurnsPerMinute),
                (nameof(limits.TokensPerDay), limits.TokensPerDay),
                (nameof(limits.Chats), limits.Chats),
                (nameof(limits.StoredBytes), limits.StoredBytes),
            ];
            foreach (var (key, value) in members.Where(member => member.Value < TenantLimits.AnyNumber))
            {
                yield return Broken($"{tenant}:{key}", value, ">= 0, or -1 for unlimited");
            }
        }
    }

    private static string Broken(string key, IFormattable? value, string rule) =>
        SettingsCheck.Describe($"{AdmissionOptions.SectionName}:{key}", value, rule);
}
