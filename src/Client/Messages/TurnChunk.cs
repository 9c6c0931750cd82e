using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>A piece of what a model answers, as it comes.</summary>
public sealed class TurnChunk : ModelResponse
{
    internal TurnChunk(GenerateContentResponse response, string turnId, int attempt, long offset, bool isRestart)
        : base(response) => (TurnId, Attempt, Offset, IsRestart) = (turnId, attempt, offset, isRestart);

    /// <summary>The turn's id: with it and <see cref="Offset"/> another program can go on with the stream.</summary>
    public string TurnId { get; }

    /// <summary>Which attempt at the turn the chunk is from, from 1.</summary>
    public int Attempt { get; }

    /// <summary>The event's number in the turn.</summary>
    public long Offset { get; }

    /// <summary>
    /// Whether the turn started over with another answer: all chunks before this one are void. Only with <see cref="TurnRestartPolicy.Signal"/>.
    /// </summary>
    public bool IsRestart { get; }
}
