using GenAI.Chats.Models.Json;
using Google.Protobuf;

namespace GenAI.Chats.Models.Responses;

/// <summary>Merges the unknown members of messages.</summary>
public static class ExtraMembers
{
    /// <summary>Adds the members of a later message of the same type, which isn't modified. Later members replace earlier ones with the same name.</summary>
    public static void Merge(IMessage target, IMessage later)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(later);
        var shape = MessageShape.Of(target.Descriptor);
        if (shape.GetExtra(later) is { } extra)
        {
            var known = shape.GetExtra(target);
            var exact = shape.GetExactExtra(target);
            foreach (var name in extra.Fields.Keys)
            {
                exact?.Members.Remove(name);
            }

            if (known is null)
            {
                shape.Extra!.SetValue(target, extra.Clone());
            }
            else
            {
                known.MergeFrom(extra);
            }
        }

        if (shape.GetExactExtra(later) is { } texts)
        {
            if (shape.GetExactExtra(target) is { } exact)
            {
                exact.MergeFrom(texts);
            }
            else
            {
                shape.ExactExtra!.SetValue(target, texts.Clone());
            }
        }
    }
}
