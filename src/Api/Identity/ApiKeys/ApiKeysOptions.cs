using System.Text.Json.Serialization;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The API keys: the configuration section <c>Authentication:ApiKeys</c>. Changes take effect within seconds.</summary>
public sealed record ApiKeysOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Authentication:ApiKeys";

    /// <summary>
    /// Gets a JSON file with more keys: <c>{ "keys": [ { "id": ..., "tenant": ..., "hash": ..., "expires": ... } ] }</c>, or with
    /// <c>"operator": true</c> instead of the tenant. Default: not set.
    /// </summary>
    public string? File { get; init; }

    /// <summary>Gets the keys. Default: none.</summary>
    public IReadOnlyList<ApiKeyOptions> Keys { get; init; } = [];

    internal bool IsSet => File is not null || Keys.Count > 0;
}

/// <summary>One API key as the server stores it: without the key itself. <c>./run keys new</c> creates one.</summary>
public sealed record ApiKeyOptions
{
    /// <summary>Gets the name of the key, which is unique among all keys.</summary>
    public string Id { get; init; } = "";

    /// <summary>Gets the tenant that the key gives access to: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,63}</c>. Not set for an operator's key.</summary>
    public string? Tenant { get; init; }

    /// <summary>Gets whether the key is an operator's: it gives access to the service <c>Operator</c>, and to no tenant. Default false.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Operator { get; init; }

    /// <summary>Gets the key's SHA-256 hash: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Hash { get; init; } = "";

    /// <summary>Gets the time when the key expires. Default: never.</summary>
    public DateTimeOffset? Expires { get; init; }
}
