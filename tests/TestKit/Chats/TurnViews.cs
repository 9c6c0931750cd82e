using GenAI.Chats.V1;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Turns as different methods return them.</summary>
public static class TurnViews
{
    /// <summary>Returns a turn that GetTurn has returned as events contain it: without its contents, and without its place in the chat's tree.</summary>
    public static Turn AsInEvent(this Turn turn)
    {
        var copy = turn.Clone();
        (copy.Message, copy.InHistory, copy.ParentRevision) = (null, false, 0);
        copy.Output.Clear();
        return copy;
    }
}
