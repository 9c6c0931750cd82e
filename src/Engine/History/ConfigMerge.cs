using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.History;

/// <summary>Finds the configuration that a turn runs with.</summary>
internal static class ConfigMerge
{
    /// <summary>
    /// The send's config replaces the chat's, as in the SDK, or is laid over it: then each field that the send sets counts,
    /// whole, and the chat's others stay. Neither argument is changed.
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
                // Cleared first, as merging appends to lists and goes into messages.
                field.Accessor.Clear(merged);
                ProtoFields.Copy(send, merged, field);
            }
        }

        return merged;
    }
}
