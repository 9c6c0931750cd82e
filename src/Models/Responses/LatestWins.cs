using System.Collections;
using System.Collections.Frozen;
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
            if (value is IList items)
            {
                var list = (IList)field.Accessor.GetValue(target);
                if (!grows)
                {
                    list.Clear();
                }

                // The same token can occur twice, but a repeated source is the same one.
                var isAgain = target is not LogprobsResult && Pairs(list, items).All(pair => pair.First.Equals(pair.Second));
                foreach (var item in items.Cast<object>().Skip(isAgain ? list.Count : 0))
                {
                    list.Add(item);
                }
            }
            else if (!grows && value is IMessage message && Growing.Contains(message.Descriptor) && MessageWriter.IsSet(field, target))
            {
                Merge((IMessage)field.Accessor.GetValue(target), message, grows: true);
            }
            else
            {
                field.Accessor.SetValue(target, value);
            }
        }
    }

    private static IEnumerable<(object First, object Second)> Pairs(IList one, IList other) => one.Cast<object>().Zip(other.Cast<object>());
}
