namespace GenAI.Chats.Console;

/// <summary>The commands, by name.</summary>
internal sealed class CommandTable
{
    private readonly List<(string Name, string Arguments, string Help, Func<string, Task> Run)> _commands;

    public CommandTable(ChatSession session, TurnPrinter printer, Interrupts interrupts)
    {
        var chats = new ChatCommands(session);
        var turns = new TurnCommands(session);
        var branches = new BranchCommands(session, printer);
        var watcher = new ChatWatcher(session, interrupts);
        _commands =
        [
            ("/new", "[ID]", "start a new chat", chats.NewAsync),
            ("/open", "ID", "open an existing chat", chats.OpenAsync),
            ("/list", "", "list the chats, most recently changed first", chats.ListAsync),
            ("/history", "[curated]", "show the history (curated: only what is sent to the model)", turns.HistoryAsync),
            ("/model", "[NAME]", "show or change the model", chats.ModelAsync),
            ("/system", "[TEXT|off]", "show, change, or remove the system instruction", chats.SystemAsync),
            ("/cancel", "", "cancel the chat's running turn, even of another client (Ctrl+C cancels your own)", turns.CancelAsync),
            ("/retry", "", "get another response to the last message", branches.RetryAsync),
            ("/edit", "N [TEXT]", "replace the message of turn N, on a new branch", branches.EditAsync),
            ("/rewind", "[N]", "go back by one turn, or to turn N of any branch", branches.RewindAsync),
            ("/branches", "", "list the turns of all branches", branches.BranchesAsync),
            ("/fork", "[ID]", "continue in a new chat with the same history", branches.ForkAsync),
            ("/watch", "", "show messages and responses of all clients, until Ctrl+C", watcher.WatchAsync),
            ("/export", "FILE", "write the history to a file (.json: as JSON, otherwise as Markdown)", turns.ExportAsync),
            ("/help", "", "show this list", HelpAsync),
            ("/quit", "", "exit (or Ctrl+D)", _ => Task.CompletedTask),
        ];
    }

    /// <summary>Runs a command.</summary>
    /// <returns>Whether to continue. False if the person exits.</returns>
    public async Task<bool> RunAsync(string line)
    {
        var name = line.Split(' ', 2)[0];
        var argument = line[name.Length..].Trim();
        if (name is "/quit" or "/exit")
        {
            return false;
        }

        if (_commands.Find(c => c.Name == name) is not ({ }, var arguments, _, var run))
        {
            AnsiConsole.MarkupLineInterpolated($"[red]Unknown command {Printable.Of(name)}.[/] [grey]/help lists the commands.[/]");
            return true;
        }

        if (argument.Length == 0 && arguments is [>= 'A' and <= 'Z', ..])
        {
            AnsiConsole.MarkupLineInterpolated($"[red]Usage: {name} {arguments}[/]");
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
        AnsiConsole.MarkupLine("[grey]To continue a message on the next line, end the line with \\.[/]");
        return Task.CompletedTask;
    }
}
