namespace GenAI.Chats.Engine.History;

/// <summary>Merges a turn's config with its chat's.</summary>
internal static class ConfigMerge
{
    /// <summary>
    /// Returns the config that a turn runs with. The request's config replaces the chat's, as in the SDK, or is merged: then each field that the request sets
    /// replaces the chat's field. Neither argument is changed.
    /// </summary>
    public static GenerateContentConfig? Effective(
        GenerateContentConfig? chat, GenerateContentConfig? send, SendMessageRequest.Types.ConfigMode mode)
    {
        if (send is null || chat is null || mode != SendMessageRequest.Types.ConfigMode.Merge)
        {
            return send ?? chat;
        }

        var merged = chat.Clone();
        foreach (var field in GenerateContentConfig.Descriptor.Fields.InDeclarationOrder())
        {
            if (ProtoFields.IsSet(send, field))
            {
                // Cleared first, as copying appends to lists, and merges messages.
                field.Accessor.Clear(merged);
                ProtoFields.Copy(send, merged, field);
            }
        }

        return merged;
    }
}
