using System.Globalization;
using Chat = GenAI.Chats.Client.Chat;

namespace GenAI.Chats.Console;

/// <summary>Commands for the tree of a chat's turns. A turn is named by its revision.</summary>
internal sealed class BranchCommands(ChatSession session, TurnPrinter printer)
{
    private const int Listed = 30;
    private const int Shown = 40;

    public async Task RewindAsync(string argument)
    {
        if (session.Chat is not { } chat)
        {
            NoTurns();
            return;
        }

        var before = await chat.GetAsync().ConfigureAwait(false);
        var options = new RewindOptions();
        long revision;
        if (argument.Length > 0)
        {
            revision = RevisionOf(argument, "/rewind [N]");
        }
        else if (await HeadAsync(chat).ConfigureAwait(false) is { } head)
        {
            // The last turn that the person sees, not one that another client has sent since.
            (revision, options) = (head.ParentRevision, new RewindOptions { ExpectedRevision = before.Revision });
        }
        else
        {
            NoTurns();
            return;
        }

        await chat.RewindAsync(revision, options).ConfigureAwait(false);
        session.Last = null;
        var place = revision > 0 ? $"turn {revision}" : "the start";
        AnsiConsole.MarkupLineInterpolated($"[grey]Rewound to {place}. To undo: /rewind {before.HeadRevision}[/]");
    }

    public async Task EditAsync(string argument)
    {
        const string Usage = "/edit N [TEXT]";
        var number = argument.Split(' ', 2)[0];
        var revision = RevisionOf(number, Usage);
        var turn = session.Chat is { } chat
            ? await chat.ListTurnsAsync(new ListTurnsOptions { View = TurnView.Full, NewestFirst = true, Revision = revision, PageSize = 1 })
                .FirstOrDefaultAsync().ConfigureAwait(false)
            : null;
        if (turn is null)
        {
            throw new ArgumentException($"There's no turn {revision}. /branches lists the turns.");
        }

        if (argument[number.Length..].Trim() is { Length: > 0 } text)
        {
            await printer.SayAsync(new Sent(text) { EditedTurnId = turn.TurnId }).ConfigureAwait(false);
            return;
        }

        session.EditedTurnId = turn.TurnId;
        AnsiConsole.MarkupLineInterpolated($"[grey]{Printable.Of(turn.Message is { } message ? PartText.Of(message) : "")}[/]");
        AnsiConsole.MarkupLine("[grey]The next message replaces this one.[/]");
    }

    public async Task RetryAsync(string argument)
    {
        if (session.Last is { Result: SentResult.Unknown } pending)
        {
            // The same request ID joins its turn.
            await printer.SayAsync(pending).ConfigureAwait(false);
            return;
        }

        var head = session.Chat is { } chat ? await HeadAsync(chat).ConfigureAwait(false) : null;
        if (session.Last is { Result: SentResult.Failed } failed && failed.RequestId != head?.RequestId)
        {
            // The turn left nothing in the history.
            await printer.SayAsync(new Sent(failed.Text) { EditedTurnId = failed.EditedTurnId, RegeneratedTurnId = failed.RegeneratedTurnId }).ConfigureAwait(false);
        }
        else if (head is not null)
        {
            await printer.SayAsync(new Sent("") { RegeneratedTurnId = head.TurnId }).ConfigureAwait(false);
        }
        else
        {
            AnsiConsole.MarkupLine("[grey]There's no message to resend.[/]");
        }
    }

    public async Task BranchesAsync(string argument)
    {
        var options = new ListTurnsOptions { View = TurnView.Full, NewestFirst = true, AllBranches = true, PageSize = Listed };
        var turns = session.Chat is { } chat ? await chat.ListTurnsAsync(options).Take(Listed).ToListAsync().ConfigureAwait(false) : [];
        if (turns.Count == 0)
        {
            NoTurns();
            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("").AddColumn("turn").AddColumn("follows").AddColumn("message").AddColumn("response");
        foreach (var turn in turns.AsEnumerable().Reverse())
        {
            table.AddRow(
                new Text(turn.InHistory ? "*" : ""),
                new Text($"{turn.Revision}"),
                new Text(turn.ParentRevision > 0 ? $"{turn.ParentRevision}" : "the start"),
                new Text(Short(turn.Message is { } message ? [message] : [])),
                new Text(Short(turn.Output)));
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine("[grey]*: in the history. To go to a turn: /rewind N[/]");
    }

    public async Task ForkAsync(string id)
    {
        if (session.Chat is not { } source)
        {
            AnsiConsole.MarkupLine("[grey]There's no chat to fork yet.[/]");
            return;
        }

        var fork = await source.ForkAsync(options: new ForkOptions { ChatId = id.Length > 0 ? id : null }).ConfigureAwait(false);
        await session.OpenAsync(fork.Id).ConfigureAwait(false);
        AnsiConsole.MarkupLineInterpolated($"[grey]Chat {fork.Id}, a fork of {source.Id}.[/]");
    }

    private static void NoTurns() => AnsiConsole.MarkupLine("[grey]The chat has no turns.[/]");

    private static ValueTask<Turn?> HeadAsync(Chat chat) => chat.ListTurnsAsync(new ListTurnsOptions { NewestFirst = true, PageSize = 1 }).FirstOrDefaultAsync();

    private static long RevisionOf(string argument, string usage) =>
        long.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : throw new ArgumentException($"Usage: {usage}");

    // The beginning of contents, on one line.
    private static string Short(IEnumerable<Content> contents)
    {
        var text = Printable.Of(string.Concat(contents.Select(PartText.Of))).ReplaceLineEndings(" ").Trim();
        return text.Length > Shown ? $"{text[..(Shown - 1)]}…" : text;
    }
}
