namespace GenAI.Chats.Engine.History;

/// <summary>Paths in a chat's tree, as ranges of the log in ascending order. Turns in a range that weren't recorded aren't on the path.</summary>
public static class ChatPaths
{
    /// <summary>Returns the path to the head. If the head is the last turn, the path includes the turns that will follow it.</summary>
    /// <param name="tree">The tree; null if the chat has none.</param>
    public static IReadOnlyList<SequenceRange> ToHead(ChatTree? tree) => To(tree, tree?.Head?.Sequence ?? long.MaxValue);

    /// <summary>Returns the path to a turn.</summary>
    /// <param name="tree">The tree; null if the chat has none.</param>
    /// <param name="sequence">The number of the turn.</param>
    public static IReadOnlyList<SequenceRange> To(ChatTree? tree, long sequence)
    {
        var ranges = new List<SequenceRange>();
        var end = sequence;
        for (var i = (tree?.Branches.Count ?? 0) - 1; i >= 0; i--)
        {
            if (tree!.Branches[i] is var branch && branch.FirstSequence <= end)
            {
                ranges.Add(new SequenceRange(branch.FirstSequence, end));
                end = branch.ParentSequence;
            }
        }

        if (end > 0)
        {
            ranges.Add(new SequenceRange(1, end));
        }

        ranges.Reverse();
        return ranges;
    }
}
