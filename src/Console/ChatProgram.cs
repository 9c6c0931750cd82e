namespace GenAI.Chats.Console;

/// <summary>The program: a chat in the terminal, or in a pipe.</summary>
public static class ChatProgram
{
    /// <summary>Runs the program.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="command">The command that runs the program, as users type it.</param>
    /// <param name="serverCommand">The command that starts a service, as users type it.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string[] args, string command, string serverCommand) => ConsoleCommand.RunAsync(args, command, serverCommand, ChatAsync);

    private static async Task<int> ChatAsync(ConsoleArguments arguments)
    {
        try
        {
            using var chats = new ChatsClient(arguments.Client);
            var session = await ChatSession.StartAsync(chats, arguments).ConfigureAwait(false);
            return arguments.Message is not null || System.Console.IsInputRedirected
                ? await PipedRun.RunAsync(session, arguments.Message).ConfigureAwait(false)
                : await new Shell(session, arguments.Address).RunAsync().ConfigureAwait(false);
        }
        catch (ArgumentException wrong)
        {
            await System.Console.Error.WriteLineAsync(wrong.Message).ConfigureAwait(false);
            return ExitCodes.Usage;
        }
        catch (ChatException failure)
        {
            await System.Console.Error.WriteLineAsync(Explanations.Of(failure, arguments.Address)).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
    }
}
