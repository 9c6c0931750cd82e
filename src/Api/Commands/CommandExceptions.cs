namespace GenAI.Chats.Api.Commands;

/// <summary>A command could not do what it was to do. The message is for whoever called it.</summary>
internal class CommandException(string message) : Exception(message);

/// <summary>A command was called with arguments that it does not take: its usage is shown too.</summary>
internal sealed class CommandArgumentException(string message) : CommandException(message);
