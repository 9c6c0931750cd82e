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
            var exact = shape.GetExactExtra(target);
            foreach (var name in extra.Fields.Keys)
            {
                exact?.Members.Remove(name);
            }

            shape.Extra!.SetValue(target, Merged(shape.GetExtra(target), extra));
        }

        if (shape.GetExactExtra(later) is { } texts)
        {
            shape.ExactExtra!.SetValue(target, Merged(shape.GetExactExtra(target), texts));
        }
    }

    private static T Merged<T>(T? known, T later)
        where T : class, IMessage<T>
    {
        if (known is null)
        {
            return later.Clone();
        }

        known.MergeFrom(later);
        return known;
    }
}
