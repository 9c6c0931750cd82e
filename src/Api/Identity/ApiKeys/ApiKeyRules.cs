using System.Collections.Frozen;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Models.Settings;

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
        for (var i = 0; i < options.Keys.Count; i++)
        {
            Add(options.Keys[i], $"{ApiKeysOptions.SectionName}:{nameof(options.Keys)}:{i}");
        }

        var inFile = options.File is { } file ? ApiKeyFile.Read(file) : [];
        for (var i = 0; i < inFile.Count; i++)
        {
            Add(inFile[i], $"{options.File}: keys[{i}]");
        }

        return keys.ToFrozenDictionary(StringComparer.Ordinal);

        // Messages don't contain invalid IDs and hashes: somebody may have put a key there.
        void Add(ApiKeyOptions key, string place)
        {
            var (id, hash) = ($"{place}:{nameof(key.Id)}", $"{place}:{nameof(key.Hash)}");
            Check(key.Id.Length > 0 && !ApiKey.HasForm(key.Id), SettingsCheck.DescribeSecret(id, key.Id, "a name for the key"));
            Check(ids.Add(key.Id), SettingsCheck.Describe(id, key.Id, "an ID that no other key uses"));
            Check(TenantName.IsValid(key.Tenant), SettingsCheck.Describe($"{place}:{nameof(key.Tenant)}", key.Tenant, TenantName.Rule));
            Check(SecretHash.Parse(key.Hash) is not null, SettingsCheck.DescribeSecret(hash, key.Hash, "\"sha256:\" followed by 64 hex digits"));
            Check(keys.TryAdd(SecretHash.Parse(key.Hash)!, key), SettingsCheck.DescribeSecret(hash, key.Hash, "a hash that no other key uses"));
        }
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
