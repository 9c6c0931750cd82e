using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Responses;

/// <summary>Merges a later message over an earlier one.</summary>
internal static class LatestWins
{
    /// <summary>
    /// Sets what <paramref name="later"/> has set. Members replace what was there as a whole, but for what grows: <c>extra</c> member by
    /// member, and citations.
    /// </summary>
    public static void Merge<T>(T target, T later)
        where T : IMessage<T>
    {
        foreach (var field in later.Descriptor.Fields.InFieldNumberOrder())
        {
            var grows = field.FieldType == FieldType.Message
                && !field.IsRepeated
                && (field.MessageType == Struct.Descriptor || field.MessageType == CitationMetadata.Descriptor);
            if (!grows && MessageWriter.IsSet(field, later))
            {
                field.Accessor.Clear(target);
            }
        }

        target.MergeFrom(later);
    }
}
