namespace GenAI.Chats.Api.Commands;

/// <summary>The commands of the program. Without a command, the server runs.</summary>
internal static class ServerCommands
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUse = 2;

    private static readonly ServerCommand[] All = [KeysCommand.Command, TransferCommands.Export, TransferCommands.Import];

    /// <summary>Runs the command that the first argument names.</summary>
    /// <returns>The exit code, or null if the first argument is configuration.</returns>
    public static async Task<int?> TryRunAsync(string[] args, CommandConsole console)
    {
        // Configuration is --key=value, /key=value or key=value.
        if (args is not [{ Length: > 0 } name, .. var rest] || name[0] is '-' or '/' || name.Contains('='))
        {
            return null;
        }

        if (All.FirstOrDefault(command => command.Name == name) is not { } command)
        {
            await console.Error.WriteLineAsync($"Unknown command '{name}'. Run without a command to start the server. Commands:");
            foreach (var known in All)
            {
                await console.Error.WriteLineAsync(known.Usage);
            }

            return WrongUse;
        }

        try
        {
            await command.RunAsync(rest, console);
            await console.Out.FlushAsync();
            return Done;
        }
        catch (CommandArgumentException invalid)
        {
            await console.Error.WriteLineAsync($"{invalid.Message}\n{command.Usage}");
            return WrongUse;
        }
        catch (CommandException failure)
        {
            await console.Error.WriteLineAsync(failure.Message);
            return Failed;
        }
    }
}
