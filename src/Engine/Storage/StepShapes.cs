namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// What must be true of a step whatever the store holds; a step that breaks it is its caller's mistake, and never reaches a store.
/// </summary>
internal static class StepShapes
{
    /// <exception cref="ArgumentException">The chat has a history already, or a piece is not numbered, ended and nameless.</exception>
    public static void Check(CreateStep step)
    {
        Require(step.Chat is { Revision: 0, TurnCount: 0 }, "A new chat has revision 0 and no turns.", nameof(step));
        for (var i = 0; i < step.History.Count; i++)
        {
            var piece = step.History[i];
            Require(piece.Sequence == i + 1, "The pieces of the initial history are numbered from 1.", nameof(step));
            Require(IsEnded(piece) && piece.Revision == 0, "A piece of the initial history has ended, and has no revision.", nameof(step));
            Require(piece.TurnId.Length == 0 && piece.RequestId.Length == 0, "A piece of the initial history has no ids.", nameof(step));
        }
    }

    /// <exception cref="ArgumentException">The turn's state does not fit its other fields, or the head's change.</exception>
    public static void Check(AcceptStep step)
    {
        var turn = step.Turn;
        Require(turn.TurnId.Length > 0, "A turn has an id.", nameof(step));
        Require(step.Replaces is null || turn.RequestId.Length > 0, "A turn that replaces another has its request id.", nameof(step));
        Require(turn.IsPending ? turn.Outcome is null : IsEnded(turn), "A turn has an outcome exactly when it has ended.", nameof(step));
        Require((turn.State is TurnState.Running) == (turn.Owner is not null), "A turn has an owner exactly while it runs.", nameof(step));
        Require(step.Head is not null || turn.Revision == 0, "The head changes when the turn is recorded.", nameof(step));
        Require(
            step.Head is not { } head || (!turn.IsPending && turn.Revision == (head.Recorded ? head.Revision : 0)),
            "The head changes with a turn that has ended, which has its new revision if it is recorded.", nameof(step));
        Require(turn.Stop is TurnStop.None, "A turn is accepted without a stop.", nameof(step));
        Check(step.Head, turn.Sequence, nameof(step));
    }

    /// <exception cref="ArgumentException">The state is not one of an ended turn.</exception>
    public static void Check(EndStep step)
    {
        Require(
            step.State is TurnState.Completed or TurnState.Failed or TurnState.Cancelled,
            "A turn ends completed, failed or cancelled.", nameof(step));
        Check(step.Head, step.Sequence, nameof(step));
    }

    private static void Check(HeadChange? head, long sequence, string parameter)
    {
        if (head is { OpenSequence: not null } or { Closes.Count: > 0 })
        {
            Require(head.Recorded, "An exchange is opened and closed by a turn that is recorded.", parameter);
            Require(head.OpenSequence is not { } open || open == 0 || open == sequence, "An exchange is opened by its first turn.", parameter);
            Require(head.Closes.Count == 0 || head.OpenSequence == 0, "An exchange is closed whole.", parameter);
            Require(head.Closes.All(closed => closed > 0 && closed < sequence), "A turn closes turns before it.", parameter);
        }
    }

    private static bool IsEnded(TurnRecord turn) => !turn.IsPending && turn.State is not TurnState.None && turn.Outcome is not null;

    private static void Require(bool condition, string message, string parameter)
    {
        if (!condition)
        {
            throw new ArgumentException(message, parameter);
        }
    }
}
