using System.Collections.Frozen;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>Reads and checks the configured API keys.</summary>
internal static class ApiKeyRules
{
    /// <summary>Reads all keys, including the file's.</summary>
    /// <returns>The keys by their hashes.</returns>
    /// <exception cref="InvalidDataException">A key breaks a rule, or the file can't be read. The message names the key and the rule.</exception>
    public static FrozenDictionary<string, ApiKeyOptions> Read(ApiKeysOptions options)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var keys = new Dictionary<string, ApiKeyOptions>(StringComparer.Ordinal);
        var inFile = options.File is { } file ? ApiKeyFile.Read(file) : [];
        IEnumerable<(ApiKeyOptions Key, string Place)> all =
        [
            .. options.Keys.Select(static (key, i) => (key, $"{ApiKeysOptions.SectionName}:{nameof(options.Keys)}:{i}")),
            .. inFile.Select((key, i) => (key, $"{options.File}: keys[{i}]")),
        ];
        foreach (var (key, place) in all)
        {
            // Messages don't contain invalid IDs and hashes: somebody may have put a key there.
            var (id, hash) = ($"{place}:{nameof(key.Id)}", $"{place}:{nameof(key.Hash)}");
            Check(key.Id.Length > 0 && !ApiKey.HasForm(key.Id), SettingsCheck.DescribeSecret(id, key.Id, "a name for the key"));
            Check(ids.Add(key.Id), SettingsCheck.Describe(id, key.Id, "an ID that no other key uses"));
            Check(
                key.Operator ? string.IsNullOrEmpty(key.Tenant) : TenantName.IsValid(key.Tenant),
                SettingsCheck.Describe($"{place}:{nameof(key.Tenant)}", key.Tenant, key.Operator ? "no tenant, because the key is an operator's" : TenantName.Rule));
            Check(SecretHash.Parse(key.Hash) is not null, SettingsCheck.DescribeSecret(hash, key.Hash, "\"sha256:\" followed by 64 hex digits"));
            Check(keys.TryAdd(SecretHash.Parse(key.Hash)!, key), SettingsCheck.DescribeSecret(hash, key.Hash, "a hash that no other key uses"));
        }

        return keys.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
