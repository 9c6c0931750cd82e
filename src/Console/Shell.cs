namespace GenAI.Chats.Console;

/// <summary>The interactive chat: lines that begin with a slash are commands, and all others are messages to the model.</summary>
internal sealed class Shell(ChatSession session, Uri address)
{
    private const char Continued = '\\';

    /// <summary>Reads and runs lines until the person exits.</summary>
    public async Task<int> RunAsync()
    {
        using var interrupts = new Interrupts { Prompt = Prompt };
        var printer = new TurnPrinter(session, interrupts, address);
        var commands = new CommandTable(session, printer, interrupts);
        AnsiConsole.MarkupLineInterpolated($"[grey]{address.Authority}, model {session.Model}{(session.Chat is { } chat ? $", chat {chat.Id}" : "")}. /help lists the commands.[/]");
        while (await ReadAsync(interrupts).ConfigureAwait(false) is { } line)
        {
            interrupts.Entered();
            if (line.StartsWith('/'))
            {
                if (!await RunCommandAsync(commands, line).ConfigureAwait(false))
                {
                    break;
                }
            }
            else if (!string.IsNullOrWhiteSpace(line))
            {
                await printer.SayAsync(line).ConfigureAwait(false);
            }
        }

        return ExitCodes.Good;
    }

    private static void Prompt() => AnsiConsole.Markup("[green]you>[/] ");

    // Null if the person exits.
    private static async Task<string?> ReadAsync(Interrupts interrupts)
    {
        var text = "";
        while (true)
        {
            Prompt();
            var reading = Task.Run(System.Console.ReadLine);
            if (await Task.WhenAny(reading, interrupts.Left).ConfigureAwait(false) != reading || await reading.ConfigureAwait(false) is not { } line)
            {
                AnsiConsole.WriteLine();
                return null;
            }

            if (!line.EndsWith(Continued))
            {
                return text + line;
            }

            text += line[..^1] + "\n";
        }
    }

    private async Task<bool> RunCommandAsync(CommandTable commands, string line)
    {
        try
        {
            return await commands.RunAsync(line).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ChatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{Printable.Of(failure is ChatException chat ? Explanations.Of(chat, address) : failure.Message)}[/]");
            return true;
        }
    }
}
