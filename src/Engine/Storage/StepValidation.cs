namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// Rules for steps that don't depend on what a store holds. A step that violates one is a mistake of its caller. Stores check each step
/// before they do anything.
/// </summary>
public static class StepValidation
{
    /// <summary>Checks a step.</summary>
    /// <exception cref="ArgumentException">The step isn't valid.</exception>
    public static void Check(ChatKey key, ChatStep step)
    {
        switch (step)
        {
            case CreateStep create:
                Require(create.Chat.Key == key, "A new chat has the key that it is created under.");
                Check(create);
                break;
            case ForkStep fork:
                Require(fork.Chat.Key == key && fork.Source.Tenant == key.Tenant, "A fork has the key that it is created under, and its source's tenant.");
                CheckAscending(fork.Path);
                break;
            case AcceptStep accept:
                Check(accept);
                break;
            case EndStep end:
                Require(
                    end.State is TurnState.Completed or TurnState.Failed or TurnState.Cancelled, "A turn ends completed, failed, or canceled.");
                Check(end.Head, end.Sequence);
                break;
        }
    }

    private static void Check(CreateStep step)
    {
        Require(step.Chat is { Revision: 0, TurnCount: 0 }, "A new chat has revision 0 and no turns.");
        for (var i = 0; i < step.History.Count; i++)
        {
            var piece = step.History[i];
            Require(piece.Sequence == i + 1, "The pieces of the initial history are numbered from 1.");
            Require(IsEnded(piece) && piece.Revision == 0, "A piece of the initial history has ended, and has no revision.");
            Require(piece.TurnId.Length == 0 && piece.RequestId.Length == 0, "A piece of the initial history has no IDs.");
        }
    }

    private static void Check(AcceptStep step)
    {
        var turn = step.Turn;
        Require(turn.TurnId.Length > 0, "A turn has an ID.");
        Require(step.Replaces is null || turn.RequestId.Length > 0, "A turn that replaces another one has its request ID.");
        Require(turn.IsPending ? turn.Outcome is null : IsEnded(turn), "A turn has an outcome exactly if it has ended.");
        Require((turn.State is TurnState.Running) == (turn.Owner is not null), "A turn has an owner exactly while it runs.");
        Require(step.Head is not null || turn.Revision == 0, "The head changes when the turn is recorded.");
        Require(
            step.Head is not { } head || (!turn.IsPending && turn.Revision == (head.Recorded ? head.Revision : 0)),
            "The head changes with a turn that has ended, which has its new revision if it is recorded.");
        Require((turn.Input.Move is not null) == (step.Head is { Moves: true }), "An entry for a change of the head changes it.");
        Require(turn.Stop is TurnStop.None, "A turn is accepted without a stop.");
        Check(step.Head, turn.Sequence);
    }

    private static void Check(HeadChange? head, long sequence)
    {
        if (head is null)
        {
            return;
        }

        Require(!(head.Recorded && head.Moves), "The head moves, or a turn is recorded, which becomes the head.");
        Require(head.Moves == (head is { Moves: true, Tree: not null, TurnCount: not null }), "A change of the head has a tree and a turn count.");
        Require(head.Keeps is null || head.Moves, "Turns are erased when the head moves.");
        CheckAscending(head.Keeps ?? []);
        if (head is { Moves: false } and ({ OpenSequence: not null } or { Closes.Count: > 0 }))
        {
            Require(head.Recorded, "Only a turn that is recorded opens or closes an exchange.");
            Require(head.OpenSequence is not { } open || open == 0 || open == sequence || (head.Tree is not null && open < sequence), "The first turn of an exchange opens it.");
            Require(head.Closes.Count == 0 || head.OpenSequence == 0, "An exchange is closed as a whole.");
            Require(head.Closes.All(closed => closed > 0 && closed < sequence), "A turn closes turns before it.");
        }
    }

    private static void CheckAscending(IReadOnlyList<SequenceRange> ranges)
    {
        var last = 0L;
        foreach (var range in ranges)
        {
            Require(range.First > last && range.Last >= range.First, "Ranges of the log are in ascending order, and aren't empty.");
            last = range.Last;
        }
    }

    private static bool IsEnded(TurnRecord turn) => !turn.IsPending && turn.State is not TurnState.None && turn.Outcome is not null;

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
#pragma warning disable CA2208 // All checks are about the same argument.
            throw new ArgumentException(message, "step");
#pragma warning restore CA2208
        }
    }
}
