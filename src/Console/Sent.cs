namespace GenAI.Chats.Console;

/// <summary>A message that was sent.</summary>
/// <param name="Text">The text. Empty if the message of an earlier turn is sent again.</param>
internal sealed record Sent(string Text)
{
    /// <summary>The request ID.</summary>
    public string RequestId { get; init; } = Guid.CreateVersion7().ToString("N");

    /// <summary>The ID of the turn that is edited. Null if the message follows the history.</summary>
    public string? EditedTurnId { get; init; }

    /// <summary>The ID of the turn that is regenerated. Null if the message is new.</summary>
    public string? RegeneratedTurnId { get; init; }

    /// <summary>What is known of the turn's end. If it's unknown whether it has ended, sending it again must join the same turn.</summary>
    public SentResult Result { get; init; }
}
