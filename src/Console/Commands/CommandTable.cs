using Spectre.Console;

namespace GenAI.Chats.Terminal.Commands;

/// <summary>The commands by their names.</summary>
internal sealed class CommandTable
{
    private readonly List<(string Name, string Arguments, string Help, Func<string, Task> Run)> _commands;

    public CommandTable(ChatSession session, TurnPrinter printer)
    {
        var chats = new ChatCommands(session);
        var turns = new TurnCommands(session, printer);
        _commands =
        [
            ("/new", "[ID]", "leave this chat, begin another", chats.NewAsync),
            ("/open", "ID", "go to a chat that is there", chats.OpenAsync),
            ("/list", "", "the chats, the latest first", chats.ListAsync),
            ("/history", "[curated]", "what was said; curated: what the model is sent", turns.HistoryAsync),
            ("/model", "[NAME]", "show the model, or change it", chats.ModelAsync),
            ("/system", "[TEXT|off]", "show the system instruction, or change it", chats.SystemAsync),
            ("/cancel", "", "stop the chat's turn, whoever started it (Ctrl+C stops your own)", turns.CancelAsync),
            ("/retry", "", "say the last message again; a turn whose end is unknown is not run twice", turns.RetryAsync),
            ("/export", "FILE", "write the history to a file: .json for JSON, else Markdown", turns.ExportAsync),
            ("/help", "", "this list", HelpAsync),
            ("/quit", "", "leave; so does Ctrl+D", _ => Task.CompletedTask),
        ];
    }

    /// <summary>Runs a command.</summary>
    /// <returns>False: the person leaves.</returns>
    public async Task<bool> RunAsync(string line)
    {
        var name = line.Split(' ', 2)[0];
        var argument = line[name.Length..].Trim();
        if (name is "/quit" or "/exit")
        {
            return false;
        }

        var index = _commands.FindIndex(c => c.Name == name);
        if (index < 0)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]There is no {Printable.Of(name)}.[/] [grey]/help lists the commands.[/]");
            return true;
        }

        var (_, arguments, _, run) = _commands[index];
        if (argument.Length == 0 && arguments is [>= 'A' and <= 'Z', ..])
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{name} needs {arguments}.[/]");
            return true;
        }

        await run(argument).ConfigureAwait(false);
        return true;
    }

    private Task HelpAsync(string argument)
    {
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (name, arguments, help, _) in _commands)
        {
            grid.AddRow(Markup.Escape($"{name} {arguments}"), $"[grey]{Markup.Escape(help)}[/]");
        }

        AnsiConsole.Write(grid);
        AnsiConsole.MarkupLine("[grey]A line that ends in \\ goes on in the next one.[/]");
        return Task.CompletedTask;
    }
}
