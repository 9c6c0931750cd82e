namespace GenAI.Chats.Client;

/// <summary>
/// What a stream does when its turn started over, because its server was lost, and the model's new answer is not the one whose beginning the
/// stream has handed out already. A new answer that begins with the same text, as deterministic models give, is never noticed: the stream goes on where it
/// was.
/// </summary>
public enum TurnRestartPolicy
{
    /// <summary>The stream ends with <see cref="TurnRestartedException"/>. The turn runs on; <c>ReadTurn</c> gives the new answer.</summary>
    Throw,

    /// <summary>
    /// A chunk comes with <see cref="TurnChunk.IsRestart"/>: what the stream gave before is void, and the new answer follows from its beginning.
    /// </summary>
    Signal,

    /// <summary>
    /// Nothing is handed out before the turn has ended, so that there is nothing to take back. The chunks come all at once.
    /// </summary>
    Buffer,
}
