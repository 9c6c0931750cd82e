namespace GenAI.Chats.Terminal;

/// <summary>A message that was sent.</summary>
/// <param name="Text">What it says.</param>
/// <param name="RequestId">Its request id.</param>
/// <param name="IsSettled">Whether its turn has ended, one way or another. If not, sending it again must be the same turn.</param>
internal sealed record Sent(string Text, string RequestId, bool IsSettled);
