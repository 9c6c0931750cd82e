namespace GenAI.Chats.Console;

/// <summary>A message that was sent.</summary>
/// <param name="Text">The text.</param>
/// <param name="RequestId">The request ID.</param>
/// <param name="IsSettled">Whether its turn is known to have ended. If not, sending it again must join the same turn.</param>
internal sealed record Sent(string Text, string RequestId, bool IsSettled);
