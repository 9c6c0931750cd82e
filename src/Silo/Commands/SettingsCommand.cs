using System.CommandLine;

namespace GenAI.Chats.Silo.Commands;

/// <summary>A command that accepts settings, such as <c>--Storage:Path=chats.db</c>, in addition to its options.</summary>
/// <param name="name">The command's name.</param>
/// <param name="description">What the command does.</param>
internal sealed class SettingsCommand(string name, string description) : Command(name, description);
