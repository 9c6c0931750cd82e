using Google.Protobuf;

namespace GenAI.Chats.Console;

/// <summary>Commands for turns and the history.</summary>
internal sealed class TurnCommands(ChatSession session)
{
    private const string Curated = "curated";
    private const string JsonExtension = ".json";

    public async Task HistoryAsync(string argument)
    {
        if (argument is not ("" or Curated))
        {
            throw new ArgumentException($"Usage: /history [{Curated}]");
        }

        foreach (var content in await ContentsAsync(argument == Curated).ConfigureAwait(false))
        {
            AnsiConsole.MarkupInterpolated($"[{(content.Role == "model" ? "blue" : "green")}]{Printable.Of(content.Role)}>[/] ");
            Printable.Write(PartText.Of(content));
            AnsiConsole.WriteLine();
        }
    }

    public async Task CancelAsync(string argument)
    {
        var turnId = session.Chat is { } chat ? (await chat.GetAsync().ConfigureAwait(false)).ActiveTurnId : "";
        if (turnId.Length == 0)
        {
            AnsiConsole.MarkupLine("[grey]No turn is running.[/]");
            return;
        }

        var turn = await session.Chat!.CancelTurnAsync(turnId).ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated($"[grey]The turn is {turn.State.ToString().ToLowerInvariant()}.[/]");
    }

    public async Task ExportAsync(string file)
    {
        var contents = await ContentsAsync(curated: false).ConfigureAwait(false);
        var text = Path.GetExtension(file).Equals(JsonExtension, StringComparison.OrdinalIgnoreCase)
            ? new JsonFormatter(JsonFormatter.Settings.Default.WithIndentation()).Format(new GetHistoryResponse { History = { contents } })
            : string.Join("\n", contents.Select(c => $"## {c.Role}\n\n{PartText.Of(c)}\n"));
        await File.WriteAllTextAsync(file, text + "\n").ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated($"[grey]Exported {contents.Count} contents to {file}.[/]");
    }

    private async Task<IReadOnlyList<Content>> ContentsAsync(bool curated) =>
        session.Chat is { } chat ? await chat.GetHistoryAsync(curated).ConfigureAwait(false) : [];
}
