namespace GenAI.Chats.Console;

/// <summary>Sends a message, and prints the response as it arrives.</summary>
internal sealed class TurnPrinter(ChatSession session, Interrupts interrupts, Uri address)
{
    /// <summary>Sends a message. Errors are printed, not thrown.</summary>
    /// <param name="text">The message.</param>
    /// <param name="requestId">The request ID. If null, a new one.</param>
    public async Task SayAsync(string text, string? requestId = null)
    {
        requestId ??= Guid.CreateVersion7().ToString("N");
        var isSettled = false;
        using var turn = interrupts.Turn = new CancellationTokenSource();
        try
        {
            await PrintAsync(text, requestId, turn.Token).ConfigureAwait(false);
            isSettled = true;
        }
        catch (OperationCanceledException)
        {
            isSettled = true;
            AnsiConsole.WriteLine();
            AnsiConsole.MarkupLine("[yellow]Canceled.[/]");
        }
        catch (ChatException failure)
        {
            isSettled = failure is TurnException;
            AnsiConsole.WriteLine();
            AnsiConsole.MarkupLineInterpolated($"[red]{Printable.Of(Explanations.Of(failure, address))}[/] [grey]To try again: /retry[/]");
        }
        finally
        {
            interrupts.Turn = null;
            session.Last = new Sent(text, requestId, isSettled);
        }
    }

    private async Task PrintAsync(string text, string requestId, CancellationToken cancellationToken)
    {
        var chat = await session.ChatAsync(cancellationToken).ConfigureAwait(false);
        var options = new SendOptions { RequestId = requestId, CancelTurn = true };
        var isThinking = false;
        TurnChunk? last = null;
        await foreach (var chunk in chat.SendMessageStreamAsync(text, options, cancellationToken).ConfigureAwait(false))
        {
            if (chunk.IsRestart)
            {
                AnsiConsole.WriteLine();
                AnsiConsole.MarkupLine("[yellow]Connection to the server was lost; restarting the response.[/]");
            }

            foreach (var part in chunk.Parts)
            {
                if (isThinking && !part.Thought)
                {
                    AnsiConsole.WriteLine();
                }

                isThinking = part.Thought;
                Printable.Write(PartText.Of(part), isThinking);
            }

            last = chunk;
        }

        AnsiConsole.WriteLine();
        if (last?.FinishReason is { } reason && reason != "STOP")
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]Stopped: {Printable.Of(reason)}.[/]");
        }
    }
}
