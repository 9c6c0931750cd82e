using System.Globalization;

namespace GenAI.Chats.Console;

/// <summary>Commands for chats and their settings.</summary>
internal sealed class ChatCommands(ChatSession session)
{
    private const int Listed = 20;
    private const string Off = "off";

    public Task NewAsync(string id)
    {
        session.Leave(id.Length > 0 ? id : null);
        AnsiConsole.MarkupLine("[grey]The next message creates a new chat.[/]");
        return Task.CompletedTask;
    }

    public async Task OpenAsync(string id)
    {
        await session.OpenAsync(id).ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated($"[grey]Chat {session.Chat!.Id}, model {session.Model}.[/]");
    }

    public async Task ListAsync(string argument)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("chat").AddColumn("model").AddColumn("turns").AddColumn("changed");
        await foreach (var chat in session.ListAsync().Take(Listed).ConfigureAwait(false))
        {
            var id = chat.Name[(chat.Name.IndexOf('/', StringComparison.Ordinal) + 1)..];
            var changed = chat.UpdateTime?.ToDateTime().ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";
            var name = chat.DisplayName.Length > 0 ? $"{id} ({Printable.Of(chat.DisplayName)})" : id;
            table.AddRow(new Text(name), new Text(chat.Model), new Text($"{chat.TurnCount}"), new Text(changed));
        }

        AnsiConsole.Write(table);
    }

    public async Task ModelAsync(string name)
    {
        if (name.Length > 0)
        {
            await session.SetModelAsync(name).ConfigureAwait(false);
        }

        AnsiConsole.MarkupLineInterpolated($"[grey]Model {session.Model}.[/]");
    }

    public async Task SystemAsync(string text)
    {
        if (text.Length > 0)
        {
            await session.SetSystemAsync(text == Off ? null : text).ConfigureAwait(false);
        }

        AnsiConsole.MarkupLineInterpolated($"[grey]{(session.System is { } system ? $"System instruction: {Printable.Of(system)}" : "No system instruction.")}[/]");
    }
}
