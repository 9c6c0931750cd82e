namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>The API keys: here, in a file, or both. Changes of either count within seconds.</summary>
public sealed record ApiKeysOptions
{
    /// <summary>A JSON file with more keys: <c>{ "keys": [ { "id": ..., "tenant": ..., "hash": ..., "expires": ... } ] }</c>. Default none.</summary>
    public string? File { get; init; }

    /// <summary>Keys. Default none.</summary>
    public IReadOnlyList<ApiKeyOptions> Keys { get; init; } = [];

    internal bool IsSet => File is not null || Keys.Count > 0;
}

/// <summary>One API key, as it is kept: without the key itself. <c>./run keys new</c> makes one.</summary>
public sealed record ApiKeyOptions
{
    /// <summary>Tells people which key it is. Its own among all keys.</summary>
    public string Id { get; init; } = "";

    /// <summary>Whose chats the key opens: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,63}</c>.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The key's SHA-256 hash: <c>sha256:</c> and 64 hexadecimal digits.</summary>
    public string Hash { get; init; } = "";

    /// <summary>From when on the key is refused. Default never.</summary>
    public DateTimeOffset? Expires { get; init; }
}
