namespace GenAI.Chats.Engine.History;

/// <summary>
/// The tree of a chat's recorded turns: which turn follows which, and which is the head. Revisions identify the turns; 0 is the initial history. Each
/// operation takes time in proportion to the number of branches, not to the number of turns.
/// </summary>
/// <param name="tree">The tree as stored. Null if the chat has none. It isn't changed.</param>
/// <param name="revision">The chat's revision.</param>
public sealed class HistoryTree(ChatTree? tree, long revision)
{
    private static readonly ChatTree.Types.Branch Root = new() { FirstSequence = 1, FirstRevision = 1 };

    /// <summary>Gets the revision of the head.</summary>
    public long HeadRevision => tree?.Head?.Revision ?? revision;

    /// <summary>Gets the number of branches, including the first one.</summary>
    public int Branches => (tree?.Branches.Count ?? 0) + 1;

    /// <summary>Gets the number of recorded turns, on all branches.</summary>
    public long Turns => Branch(Branches - 1).TurnsBefore + CountOf(Branches - 1);

    /// <summary>Gets the path to the head.</summary>
    public IReadOnlyList<SequenceRange> HeadPath => ChatPaths.ToHead(tree);

    /// <summary>Returns the part of the log to search for the turn that has a revision. Null if no turn has it.</summary>
    public SequenceRange? RangeOf(long turnRevision) => IndexOf(turnRevision) is { } index
        ? new SequenceRange(Branch(index).FirstSequence, index + 1 < Branches ? Branch(index + 1).FirstSequence - 1 : long.MaxValue)
        : null;

    /// <summary>Returns the revision of the turn that a recorded turn follows. 0: the initial history.</summary>
    public long ParentOf(long turnRevision)
    {
        var branch = Branch(IndexOf(turnRevision) ?? 0);
        return turnRevision == branch.FirstRevision ? branch.ParentRevision : turnRevision - 1;
    }

    /// <summary>Returns the number of turns on the path to a recorded turn. 0 for the initial history.</summary>
    public long CountTo(long turnRevision) =>
        IndexOf(turnRevision) is { } index && Branch(index) is var branch ? branch.ParentCount + turnRevision - branch.FirstRevision + 1 : 0;

    /// <summary>Indicates whether a recorded turn is on the path to the head.</summary>
    public bool IsInHistory(long turnRevision) => IsOnPath(turnRevision, HeadRevision);

    /// <summary>Indicates whether a recorded turn is on the path to another one.</summary>
    public bool IsOnPath(long turnRevision, long end)
    {
        for (var at = end; at >= turnRevision && IndexOf(at) is { } index; at = Branch(index).ParentRevision)
        {
            if (turnRevision >= Branch(index).FirstRevision)
            {
                return turnRevision > 0;
            }
        }

        return false;
    }

    /// <summary>Indicates whether the tree has all turns of an earlier tree of the chat: none was erased since.</summary>
    public bool HasAllOf(HistoryTree earlier) => Enumerable.Range(0, earlier.Branches)
        .All(index => earlier.CountOf(index) == 0 || IndexOf(earlier.Branch(index).FirstRevision + earlier.CountOf(index) - 1) is not null);

    /// <summary>Adds a turn that is recorded, and becomes the head.</summary>
    /// <param name="sequence">The turn's number.</param>
    /// <param name="parent">The turn that it follows. Null: the head.</param>
    /// <returns>The new tree; null if it doesn't change. And the number of turns on the path to the new head; null if it increases by one.</returns>
    public (ChatTree? Tree, long? TurnCount) Add(long sequence, TurnInput.Types.Parent? parent)
    {
        if (tree?.Head is null && (parent is null || parent.Revision == HeadRevision))
        {
            return (null, null);
        }

        parent ??= new TurnInput.Types.Parent { Sequence = tree!.Head.Sequence, Revision = tree.Head.Revision };
        var count = CountTo(parent.Revision);
        var changed = tree?.Clone() ?? new ChatTree();
        changed.Head = null;
        changed.Branches.Add(new ChatTree.Types.Branch
        {
            FirstSequence = sequence,
            FirstRevision = revision + 1,
            ParentSequence = parent.Sequence,
            ParentRevision = parent.Revision,
            ParentCount = count,
            TurnsBefore = Turns,
        });
        return (changed, count + 1);
    }

    /// <summary>Moves the head to a turn.</summary>
    public ChatTree MoveTo(long sequence, long turnRevision)
    {
        var changed = tree?.Clone() ?? new ChatTree();
        changed.Head = new ChatTree.Types.Head { Sequence = sequence, Revision = turnRevision, LastRevision = LastRevision };
        return changed;
    }

    /// <summary>Moves the head to a turn, and removes all turns that aren't on the path to it.</summary>
    public ChatTree EraseAfter(long sequence, long turnRevision)
    {
        var changed = PathOnly(sequence);
        changed.ForkedFrom = tree?.ForkedFrom;
        changed.Head = new ChatTree.Types.Head { Sequence = sequence, Revision = turnRevision, LastRevision = turnRevision };
        return changed;
    }

    /// <summary>Returns the tree of a fork, which has the turns on the path to one, and begins with its revision.</summary>
    public ChatTree ForkAt(long sequence, Chat.Types.ForkPoint point)
    {
        var fork = PathOnly(sequence);
        fork.ForkedFrom = point;
        return fork;
    }

    private long LastRevision => tree?.Head?.LastRevision ?? revision;

    private ChatTree.Types.Branch Branch(int index) => index == 0 ? Root : tree!.Branches[index - 1];

    private long CountOf(int index) => index + 1 < Branches
        ? Branch(index + 1).TurnsBefore - Branch(index).TurnsBefore
        : Math.Max(0, LastRevision - Branch(index).FirstRevision + 1);

    // The index of the branch that has a turn. Null if no turn has the revision: it is that of a move of the head, or of an erased turn.
    private int? IndexOf(long turnRevision)
    {
        for (var index = Branches - 1; index >= 0; index--)
        {
            if (Branch(index).FirstRevision <= turnRevision)
            {
                return turnRevision < Branch(index).FirstRevision + CountOf(index) ? index : null;
            }
        }

        return null;
    }

    private ChatTree PathOnly(long sequence)
    {
        var path = ChatPaths.To(tree, sequence);
        var only = new ChatTree();
        foreach (var branch in tree?.Branches.Where(branch => path.Any(range => range.First == branch.FirstSequence)) ?? [])
        {
            var kept = branch.Clone();
            kept.TurnsBefore = branch.ParentCount;
            only.Branches.Add(kept);
        }

        return only;
    }
}
