using System.Collections;
using System.Collections.Frozen;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Responses;

/// <summary>Merges a later message into an earlier one.</summary>
internal static class LatestWins
{
    // These grow during a stream: each chunk has either the new items or all items so far.
    private static readonly FrozenSet<MessageDescriptor> Growing = FrozenSet.Create(
        CitationMetadata.Descriptor, GroundingMetadata.Descriptor, UrlContextMetadata.Descriptor, LogprobsResult.Descriptor);

    /// <summary>
    /// Sets the members of <paramref name="later"/>, and takes ownership of them. They replace earlier members as a whole, except for the lists of
    /// citations, grounding, URL context, and log probabilities, and for <c>extra</c>, which grow.
    /// </summary>
    public static void Merge(IMessage target, IMessage later) => Merge(target, later, grows: false);

    private static void Merge(IMessage target, IMessage later, bool grows)
    {
        ExtraMembers.Merge(target, later);
        foreach (var field in MessageShape.Of(later.Descriptor).Fields.Select(shape => shape.Descriptor).Where(field => MessageWriter.IsSet(field, later)))
        {
            var value = field.Accessor.GetValue(later);
            if (grows && value is IList items)
            {
                // The same token can occur twice, but a repeated source is the same one.
                var list = (IList)field.Accessor.GetValue(target);
                var isAgain = target is not LogprobsResult && StartsWith(items, list);
                Append(list, items, skip: isAgain ? Math.Min(list.Count, items.Count) : 0);
            }
            else if (!grows && value is IMessage message && Growing.Contains(message.Descriptor) && MessageWriter.IsSet(field, target))
            {
                Merge((IMessage)field.Accessor.GetValue(target), message, grows: true);
            }
            else
            {
                Set(field, target, value);
            }
        }
    }

    private static void Set(FieldDescriptor field, IMessage target, object value)
    {
        if (value is IList items)
        {
            field.Accessor.Clear(target);
            Append((IList)field.Accessor.GetValue(target), items, skip: 0);
        }
        else
        {
            field.Accessor.SetValue(target, value);
        }
    }

    // Whether one of them is a prefix of the other.
    private static bool StartsWith(IList one, IList other)
    {
        for (var i = 0; i < Math.Min(one.Count, other.Count); i++)
        {
            if (!one[i]!.Equals(other[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static void Append(IList list, IList items, int skip)
    {
        for (var i = skip; i < items.Count; i++)
        {
            list.Add(items[i]);
        }
    }
}
