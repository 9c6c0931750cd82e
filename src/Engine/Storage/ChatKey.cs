namespace GenAI.Chats.Engine.Storage;

/// <summary>Names a chat: its tenant and its id within the tenant. The grain's key is <c>{tenant}/{chat_id}</c>.</summary>
internal readonly record struct ChatKey(string Tenant, string ChatId)
{
    /// <summary>Reads a grain's key. A tenant has no slash, so that the first one separates.</summary>
    public static ChatKey Parse(string grainKey)
    {
        var slash = grainKey.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            ? new ChatKey(grainKey[..slash], grainKey[(slash + 1)..])
            : throw new ArgumentException("A chat's key is tenant/chat_id.", nameof(grainKey));
    }

    /// <summary>The grain's key.</summary>
    public override string ToString() => $"{Tenant}/{ChatId}";
}
