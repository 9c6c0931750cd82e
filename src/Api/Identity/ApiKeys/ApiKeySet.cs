using System.Collections.Frozen;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The keys that are in force.</summary>
internal sealed class ApiKeySet(IReadOnlyDictionary<SecretHash, ApiKeyOptions> keys)
{
    private readonly FrozenDictionary<SecretHash, ApiKeyOptions> _keys = keys.ToFrozenDictionary();

    /// <summary>How many there are.</summary>
    public int Count => _keys.Count;

    /// <summary>Of how many tenants.</summary>
    public int Tenants => _keys.Values.Select(k => k.Tenant).Distinct().Count();

    /// <summary>Whose a key is.</summary>
    public Verdict Check(string key, DateTimeOffset now)
    {
        if (!_keys.TryGetValue(SecretHash.Of(key), out var found))
        {
            return Refusal.Invalid;
        }

        return now >= found.Expires ? Refusal.Expired : Verdict.Of(found.Tenant);
    }
}
