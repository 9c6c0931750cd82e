using System.CommandLine;

namespace GenAI.Chats.Api.Commands;

/// <summary>The commands of the server program.</summary>
internal static class ServerCommands
{
    /// <summary>Creates the commands.</summary>
    /// <param name="settings">The settings of the command line.</param>
    /// <param name="console">The streams of the commands.</param>
    public static IEnumerable<Command> Create(IReadOnlyList<string> settings, CommandConsole console) =>
        [KeysCommand.Create(console), ChatsCommand.Create(console), TransferCommands.CreateExport(settings, console), TransferCommands.CreateImport(settings, console)];
}
