namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// New numbers and revisions for the exported turns of a chat with a tree. They are consecutive, so that an import can append the turns one by one, although
/// turns of other branches, erased turns, and other turns of a fork's source aren't exported.
/// </summary>
/// <param name="tree">The chat's tree.</param>
/// <param name="revision">The chat's revision.</param>
internal sealed class TransferNumbers(ChatTree tree, long revision)
{
    private readonly HistoryTree _tree = new(tree, revision);
    private readonly Dictionary<long, long> _sequences = [];
    private readonly Dictionary<long, TurnInput.Types.Parent> _recorded = new() { [0] = new TurnInput.Types.Parent() };
    private long _head;

    /// <summary>The number of turns, including pieces of the initial history.</summary>
    public long Turns => _sequences.Count;

    /// <summary>The new revision of the chat.</summary>
    public long Revision { get; private set; }

    /// <summary>The size of the turns that have ended.</summary>
    public long Bytes { get; private set; }

    /// <summary>Indicates whether a turn is exported that has this revision, or whether it is 0.</summary>
    public bool HasRecorded(long turnRevision) => _recorded.ContainsKey(turnRevision);

    /// <summary>Numbers the next turn.</summary>
    public void Add(TurnRecord turn)
    {
        var sequence = Turns + 1;
        _sequences.Add(turn.Sequence, sequence);
        Bytes += turn.IsPending ? 0 : turn.InputBytes + (turn.Outcome?.CalculateSize() ?? 0);
        if (turn.TurnId.Length == 0)
        {
            _recorded[0].Sequence = sequence;
        }
        else if (turn.Revision > 0)
        {
            _recorded[turn.Revision] = new TurnInput.Types.Parent { Sequence = sequence, Revision = ++Revision };
        }
        else if (turn.Input.Move is not null)
        {
            Revision++;
        }
    }

    /// <summary>Sets the new numbers of a chat.</summary>
    public TransferChat Apply(TransferChat chat)
    {
        chat.Turns = Turns;
        chat.Revision = Revision;
        chat.HistoryBytes = Bytes + chat.Settings.CalculateSize();
        chat.OpenSequence = _sequences.GetValueOrDefault(chat.OpenSequence);
        chat.ForkedFrom = tree.ForkedFrom;
        return chat;
    }

    /// <summary>Sets the new numbers of the next turn.</summary>
    /// <returns>The turn; null if it wasn't numbered.</returns>
    public TransferTurn? Apply(TransferTurn turn)
    {
        if (!_sequences.TryGetValue(turn.Sequence, out var sequence))
        {
            return null;
        }

        turn.Sequence = sequence;
        if (turn.Input.Parent is { } parent)
        {
            turn.Input.Parent = _recorded.GetValueOrDefault(parent.Revision);
        }

        if (turn.Input.HasExpectedRevision && turn.Input.ExpectedRevision == revision)
        {
            turn.Input.ExpectedRevision = Revision;
        }

        if (turn.Revision > 0)
        {
            var before = _recorded[_tree.ParentOf(turn.Revision)];
            turn.Parent = before.Revision == _head ? null : before;
            turn.Revision = _head = _recorded[turn.Revision].Revision;
        }
        else if (turn.Input.Move is { } move)
        {
            turn.Parent = _recorded[move.Revision];
            move.Revision = _head = turn.Parent.Revision;
        }

        return turn;
    }
}
