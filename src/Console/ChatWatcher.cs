namespace GenAI.Chats.Console;

/// <summary>Shows the messages and responses of all clients of a chat, until Ctrl+C is pressed or the chat is deleted.</summary>
internal sealed class ChatWatcher(ChatSession session, Interrupts interrupts)
{
    private PartWriter _parts = new();
    private V1.Chat? _chat;

    // The revision of the turn that ended since the last state of the chat. 0: none.
    private long _endedRevision;
    private bool _isInLine;

    public async Task WatchAsync(string argument)
    {
        if (session.Chat is not { } chat)
        {
            AnsiConsole.MarkupLine("[grey]There's no chat to watch yet.[/]");
            return;
        }

        using var turn = interrupts.Turn = new CancellationTokenSource();
        try
        {
            await foreach (var next in chat.WatchAsync(cancellationToken: turn.Token).ConfigureAwait(false))
            {
                Show(next);
            }
        }
        catch (OperationCanceledException)
        {
            EndLine();
        }
        finally
        {
            interrupts.Turn = null;
            _chat = null;
        }
    }

    private void Show(ChatEvent next)
    {
        switch (next.EventCase)
        {
            case ChatEvent.EventOneofCase.Chat:
                Show(next.Chat);
                break;
            case ChatEvent.EventOneofCase.Accepted:
                EndLine();
                AnsiConsole.Markup("[green]user>[/] ");
                Printable.Write(next.Accepted.Message is { } message ? PartText.Of(message) : "");
                AnsiConsole.WriteLine();
                break;
            case ChatEvent.EventOneofCase.Turn:
                Show(next.Turn.Event);
                break;
            case ChatEvent.EventOneofCase.Deleted:
                EndLine();
                AnsiConsole.MarkupLine("[yellow]The chat was deleted.[/]");
                session.Leave(null);
                break;
        }
    }

    private void Show(V1.Chat chat)
    {
        if (_chat is null)
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]Watching {session.Chat!.Id}. To stop, press Ctrl+C.[/]");
        }
        else if (chat.HeadRevision != _chat.HeadRevision && (chat.HeadRevision != _endedRevision || chat.HeadRevision == 0))
        {
            EndLine();
            AnsiConsole.MarkupLineInterpolated($"[grey]Rewound to {(chat.HeadRevision > 0 ? $"turn {chat.HeadRevision}" : "the start")}.[/]");
        }

        (_chat, _endedRevision) = (chat, 0);
    }

    private void Show(TurnEvent next)
    {
        switch (next.EventCase)
        {
            case TurnEvent.EventOneofCase.Started:
                EndLine();
                AnsiConsole.Markup(next.Started.Attempt > 1 ? "[yellow]Restarted.[/] [blue]model>[/] " : "[blue]model>[/] ");
                (_parts, _isInLine) = (new PartWriter(), true);
                break;
            case TurnEvent.EventOneofCase.Chunk:
                _parts.Write(next.Chunk.Candidates is [{ Content: { } content }, ..] ? content.Parts : []);
                _isInLine = true;
                break;
            case TurnEvent.EventOneofCase.Ended:
                EndLine();
                _endedRevision = next.Ended.Revision > 0 ? next.Ended.Revision : _endedRevision;
                if (next.Ended.State != Turn.Types.State.Completed)
                {
                    var error = next.Ended.Error is { } failure ? $"{failure.Message} ({failure.Reason})" : "Canceled.";
                    AnsiConsole.MarkupLineInterpolated($"[yellow]{Printable.Of(error)}[/]");
                }

                break;
        }
    }

    private void EndLine()
    {
        if (_isInLine)
        {
            AnsiConsole.WriteLine();
        }

        _isInLine = false;
    }
}
