using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Storage.Tests.Model;

/// <summary>Steps on the trees of chats, as the engine makes them.</summary>
internal static class TreeSteps
{
    public static HistoryTree Tree(ChatRecord chat) => new(chat.Tree, chat.Revision);

    /// <summary>A turn that exists: its number and its revision. The initial history, if there is none.</summary>
    public static TurnInput.Types.Parent RandomNode(ModelChat chat, Random random)
    {
        var recorded = chat.Log.FindAll(turn => turn.Revision > 0);
        return recorded.Count == 0 || random.Next(6) == 0
            ? new TurnInput.Types.Parent { Sequence = chat.Pieces }
            : recorded[random.Next(recorded.Count)] is var turn ? new TurnInput.Types.Parent { Sequence = turn.Sequence, Revision = turn.Revision } : null!;
    }

    /// <summary>The change with which a turn is recorded.</summary>
    public static HeadChange Recording(HeadChange change, ModelChat? chat, TurnRecord turn)
    {
        if (chat is null || !change.Recorded)
        {
            return change;
        }

        var (tree, count) = Tree(chat.Head).Add(turn.Sequence, turn.Input.Parent);
        return change with { Tree = tree, TurnCount = count };
    }

    /// <summary>Moves the head.</summary>
    public static AcceptStep Move(ModelChat chat, TurnInput.Types.Parent node, bool erase, TurnRecord entry, long version)
    {
        var tree = Tree(chat.Head);
        var moved = entry with
        {
            State = TurnState.Completed,
            Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = node.Revision, Erase = erase } },
            Outcome = new TurnOutcome(),
        };
        return Make.Accept(moved, version) with
        {
            Head = Make.Change(chat.Head.Revision, recorded: false) with
            {
                Moves = true,
                Tree = erase ? tree.EraseAfter(node.Sequence, node.Revision) : tree.MoveTo(node.Sequence, node.Revision),
                TurnCount = tree.CountTo(node.Revision),
                Keeps = erase ? ChatPaths.To(chat.Head.Tree, node.Sequence) : null,
                OpenSequence = 0,
            },
        };
    }

    /// <summary>Forks a chat at a turn.</summary>
    public static ForkStep Fork(ModelChat source, TurnInput.Types.Parent node, ChatRecord fork, long maxChats)
    {
        var tree = Tree(source.Head);
        var point = new Chat.Types.ForkPoint { Name = $"chats/{source.Head.Key.ChatId}", Revision = node.Revision };
        var head = fork with { Revision = node.Revision, TurnCount = tree.CountTo(node.Revision), Tree = tree.ForkAt(node.Sequence, point) };
        return new ForkStep(head, source.Head.Key, source.Head.Incarnation, ChatPaths.To(source.Head.Tree, node.Sequence), maxChats);
    }
}
