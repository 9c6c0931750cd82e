namespace GenAI.Chats.Client;

/// <summary>A chunk of a model's streamed response.</summary>
public sealed class TurnChunk : ModelResponse
{
    internal TurnChunk(GenerateContentResponse response, string turnId, int attempt, long offset, bool isRestart)
        : base(response) => (TurnId, Attempt, Offset, IsRestart) = (turnId, attempt, offset, isRestart);

    /// <summary>The turn's ID. With it and <see cref="Offset"/>, <see cref="Chat.ReadTurnAsync"/> resumes the stream, even in another program.</summary>
    public string TurnId { get; }

    /// <summary>The attempt that the chunk belongs to, starting at 1.</summary>
    public int Attempt { get; }

    /// <summary>The chunk's offset in the turn.</summary>
    public long Offset { get; }

    /// <summary>
    /// Whether the turn was restarted, so that all chunks before this one are void. See <see cref="TurnRestartPolicy.Signal"/>.
    /// </summary>
    public bool IsRestart { get; }
}
