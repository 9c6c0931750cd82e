using GenAI.Chats.Client.Calls;
using Grpc.Core;

namespace GenAI.Chats.Client;

/// <summary>
/// A turn started over, because its server was lost, and the new answer is not the one whose beginning was handed out: that is void. The turn runs on, and
/// <c>ReadTurn</c> with <see cref="ChatException.TurnId"/> gives the new answer from its beginning. See <see cref="TurnRestartPolicy"/> for other ways.
/// </summary>
public sealed class TurnRestartedException : ChatException
{
    internal TurnRestartedException(string turnId, string? requestId, int attempt)
        : base(new CallFailure(StatusCode.Aborted, $"Turn {turnId} started over, and attempt {attempt} answers differently from what was handed out.") { TurnId = turnId }, requestId)
        => Attempt = attempt;

    /// <summary>The attempt that answers differently.</summary>
    public int Attempt { get; }
}
