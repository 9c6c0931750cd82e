namespace GenAI.Chats.Api.Commands;

/// <summary>The program's verbs. Arguments that begin otherwise are configuration, and the program serves.</summary>
internal static class ServerCommands
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int WrongUse = 2;

    private static readonly ServerCommand[] All = [KeysCommand.Command, TransferCommands.Export, TransferCommands.Import];

    /// <summary>Does what the first argument says, if it is a verb.</summary>
    /// <returns>The exit code; null: it is no verb.</returns>
    public static async Task<int?> TryRunAsync(string[] args, CommandConsole console)
    {
        // Configuration is --key=value, /key=value or key=value.
        if (args is not [{ Length: > 0 } verb, .. var rest] || verb[0] is '-' or '/' || verb.Contains('='))
        {
            return null;
        }

        if (All.FirstOrDefault(command => command.Verb == verb) is not { } command)
        {
            await console.Error.WriteLineAsync($"There is no {verb}. Without a verb the server runs; the verbs are:");
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
        catch (CommandArgumentException wrong)
        {
            await console.Error.WriteLineAsync($"{wrong.Message}\n{command.Usage}");
            return WrongUse;
        }
        catch (CommandException failure)
        {
            await console.Error.WriteLineAsync(failure.Message);
            return Failed;
        }
    }
}
