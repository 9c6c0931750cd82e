namespace GenAI.Chats.Engine.Storage;

/// <summary>The key of a chat. The key of its grain is <c>{tenant}/{chat_id}</c>.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="ChatId">The ID of the chat within the tenant.</param>
public readonly record struct ChatKey(string Tenant, string ChatId)
{
    private const string NamePrefix = "chats/";

    /// <summary>Gets the name of the chat in the API: <c>chats/{chat_id}</c>.</summary>
    public string Name => NamePrefix + ChatId;

    /// <summary>Returns the key of a chat with a name of the API, which was checked before.</summary>
    public static ChatKey OfName(string tenant, string name) => new(tenant, name[NamePrefix.Length..]);

    /// <summary>Parses the key of a grain. A tenant contains no slash, so the first slash is the separator.</summary>
    /// <exception cref="ArgumentException">The key has another format.</exception>
    public static ChatKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            ? new ChatKey(grainKey[..slash], grainKey[(slash + 1)..])
            : throw new ArgumentException("Expected tenant/chat_id.", nameof(grainKey));
    }

    /// <summary>Returns the key of the grain.</summary>
    public override string ToString() => $"{Tenant}/{ChatId}";
}
