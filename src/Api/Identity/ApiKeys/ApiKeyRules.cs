namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>What the configured API keys have to be like.</summary>
internal static class ApiKeyRules
{
    private const string Section = IdentityOptions.SectionName + ":" + nameof(IdentityOptions.ApiKeys);
    private const string FileKey = Section + ":" + nameof(ApiKeysOptions.File);

    /// <summary>What is wrong, with the file's keys too.</summary>
    public static IEnumerable<string> Check(ApiKeysOptions options)
    {
        try
        {
            _ = Read(options);
            return [];
        }
        catch (InvalidDataException wrong)
        {
            return [wrong.Message];
        }
    }

    /// <summary>All keys, those of the file too.</summary>
    /// <exception cref="InvalidDataException">A key breaks a rule, or the file cannot be read; the message says which, and how.</exception>
    public static ApiKeySet Read(ApiKeysOptions options)
    {
        var keys = options.Keys.Select((key, i) => (key, $"{Section}:{nameof(options.Keys)}:{i}")).ToList();
        if (options.File is { } file)
        {
            keys.AddRange(ReadFile(file).Select((key, i) => (key, $"{file}: keys[{i}]")));
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        var hashes = new Dictionary<SecretHash, ApiKeyOptions>();
        foreach (var (key, place) in keys)
        {
            // Ids and hashes that are wrong are not repeated: somebody may have put a key there.
            Check(key.Id.Length > 0 && !ApiKey.HasForm(key.Id), place, nameof(key.Id), "(not shown)", "must be a name for the key");
            Check(ids.Add(key.Id), place, nameof(key.Id), key.Id, "must be of no other key");
            Check(TenantName.IsValid(key.Tenant), place, nameof(key.Tenant), key.Tenant, TenantName.Rule);
            Check(SecretHash.TryParse(key.Hash, out var hash), place, nameof(key.Hash), "(not shown)", "must be sha256: and 64 hexadecimal digits");
            Check(hashes.TryAdd(hash, key), place, nameof(key.Hash), "(not shown)", "must be of no other key");
        }

        return new ApiKeySet(hashes);
    }

    private static IReadOnlyList<ApiKeyOptions> ReadFile(string path)
    {
        try
        {
            return ApiKeyFile.Read(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{FileKey} is {path}; it must be a readable file with JSON of the form {{ \"keys\": [ ... ] }}. {Reason(failure)}");
        }
    }

    // What a parser says may quote what it met.
    private static string Reason(Exception failure) => failure is System.Text.Json.JsonException json
        ? $"See {json.Path} at line {json.LineNumber + 1}."
        : failure.Message;

    private static void Check(bool holds, string place, string setting, string value, string rule)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{place}:{setting} is {value}; it {rule}.");
        }
    }
}
