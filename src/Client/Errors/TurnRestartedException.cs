namespace GenAI.Chats.Client;

/// <summary>
/// A turn was restarted because its server failed, so the chunks delivered so far are void. The turn continues: <c>ReadTurn</c> with
/// <see cref="ChatException.TurnId"/> returns the new response from its start. See <see cref="TurnRestartPolicy"/> for alternatives.
/// </summary>
public sealed class TurnRestartedException : ChatException
{
    internal TurnRestartedException(string turnId, string? requestId, int attempt)
        : base(
            new CallFailure(
                StatusCode.Aborted,
                $"Turn {turnId} was restarted (attempt {attempt}), so the chunks delivered so far are void. Call ReadTurn for the new response.")
            {
                TurnId = turnId,
            },
            requestId) => Attempt = attempt;

    /// <summary>The new attempt.</summary>
    public int Attempt { get; }
}
