namespace GenAI.Chats.Client;

/// <summary>
/// What a stream does if its turn is restarted after the stream has delivered chunks. The service restarts a turn if its server fails: the model is called again,
/// and its first response is void. A turn that's restarted before its first chunk continues as if nothing had happened.
/// </summary>
public enum TurnRestartPolicy
{
    /// <summary>The stream fails with <see cref="TurnRestartedException"/>. The turn continues; <c>ReadTurn</c> returns the new response.</summary>
    Throw,

    /// <summary>
    /// The stream continues with the new response from its start. Its first chunk has <see cref="TurnChunk.IsRestart"/>: all earlier chunks are void.
    /// </summary>
    Signal,

    /// <summary>The stream delivers all chunks at once, when the turn has completed, so no chunk becomes void.</summary>
    Buffer,
}
