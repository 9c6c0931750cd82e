using System.Runtime.InteropServices;

namespace GenAI.Chats.Console;

/// <summary>Sends one message, for pipes and scripts. Only the response is written to stdout.</summary>
internal static class PipedRun
{
    /// <summary>Sends the message.</summary>
    /// <param name="session">The chat.</param>
    /// <param name="message">The message. If null, it's read from stdin.</param>
    public static async Task<int> RunAsync(ChatSession session, string? message)
    {
        message ??= (await System.Console.In.ReadToEndAsync().ConfigureAwait(false)).TrimEnd('\r', '\n');
        if (message.Length == 0)
        {
            await System.Console.Error.WriteLineAsync("No message: pass one as an argument or on stdin.").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        using var interrupted = new CancellationTokenSource();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            interrupted.Cancel();
        });
        try
        {
            // Text that has been written to a pipe can't be taken back.
            var options = new SendOptions { CancelTurn = true, OnTurnRestart = TurnRestartPolicy.Buffer };
            var chat = await session.ChatAsync(interrupted.Token).ConfigureAwait(false);
            await foreach (var chunk in chat.SendMessageStreamAsync(message, options, interrupted.Token).ConfigureAwait(false))
            {
                await System.Console.Out.WriteAsync(chunk.Text).ConfigureAwait(false);
            }

            await System.Console.Out.WriteLineAsync().ConfigureAwait(false);
            return ExitCodes.Good;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }
}
