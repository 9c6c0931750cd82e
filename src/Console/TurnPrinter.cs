namespace GenAI.Chats.Console;

/// <summary>Sends a message, and prints the response as it arrives.</summary>
internal sealed class TurnPrinter(ChatSession session, Interrupts interrupts, Uri address)
{
    /// <summary>Sends a message, which replaces the one that is being edited, if any. Errors are printed, not thrown.</summary>
    public Task SayAsync(string text) => SayAsync(new Sent(text) { EditedTurnId = session.EditedTurnId });

    /// <summary>Sends a message. Errors are printed, not thrown.</summary>
    public async Task SayAsync(Sent sent)
    {
        session.EditedTurnId = null;
        var result = SentResult.Unknown;
        using var turn = interrupts.Turn = new CancellationTokenSource();
        try
        {
            await PrintAsync(sent, turn.Token).ConfigureAwait(false);
            result = SentResult.Completed;
        }
        catch (OperationCanceledException)
        {
            result = SentResult.Failed;
            AnsiConsole.WriteLine();
            AnsiConsole.MarkupLine("[yellow]Canceled.[/]");
        }
        catch (ChatException failure)
        {
            result = failure is TurnException ? SentResult.Failed : SentResult.Unknown;
            AnsiConsole.WriteLine();
            AnsiConsole.MarkupLineInterpolated($"[red]{Printable.Of(Explanations.Of(failure, address))}[/] [grey]To try again: /retry[/]");
        }
        finally
        {
            interrupts.Turn = null;
            session.Last = sent with { Result = result };
        }
    }

    private async Task PrintAsync(Sent sent, CancellationToken cancellationToken)
    {
        var chat = await session.ChatAsync(cancellationToken).ConfigureAwait(false);
        var options = new SendOptions { RequestId = sent.RequestId, CancelTurn = true };
        var parts = new PartWriter();
        TurnChunk? last = null;
        var chunks = sent switch
        {
            { RegeneratedTurnId: { } turnId } => chat.RegenerateStreamAsync(turnId, options, cancellationToken),
            { EditedTurnId: { } turnId } => chat.EditStreamAsync(turnId, sent.Text, options, cancellationToken),
            _ => chat.SendMessageStreamAsync(sent.Text, options, cancellationToken),
        };
        await foreach (var chunk in chunks.ConfigureAwait(false))
        {
            if (chunk.IsRestart)
            {
                AnsiConsole.WriteLine();
                AnsiConsole.MarkupLine("[yellow]Connection to the server was lost; restarting the response.[/]");
            }

            parts.Write(chunk.Parts);
            last = chunk;
        }

        AnsiConsole.WriteLine();
        if (last?.FinishReason is { } reason && reason != "STOP")
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped: {Printable.Of(reason)}.[/]");
        }
    }
}
