namespace GenAI.Chats.Api.Commands;

/// <summary>The exception for a command that failed. The message is for the user.</summary>
internal class CommandException(string message) : Exception(message);

/// <summary>The exception for invalid arguments of a command. The user also gets the command's usage.</summary>
internal sealed class CommandArgumentException(string message) : CommandException(message);
