namespace GenAI.Chats.Silo.Commands;

/// <summary>The exception for a command that failed for a reason that the user can fix.</summary>
/// <param name="message">The message for the user.</param>
internal sealed class CommandException(string message) : Exception(message)
{
    /// <summary>Gets the reason of the service's error, if a call failed.</summary>
    public string? Reason { get; init; }
}
