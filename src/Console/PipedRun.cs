using System.Runtime.InteropServices;
using GenAI.Chats.Client;

namespace GenAI.Chats.Terminal;

/// <summary>One message, one answer: for pipes and scripts. Nothing but the answer goes to the standard output.</summary>
internal static class PipedRun
{
    /// <summary>Sends the message.</summary>
    /// <param name="session">The chat.</param>
    /// <param name="message">What to say. Null: all of the standard input.</param>
    public static async Task<int> RunAsync(ChatSession session, string? message)
    {
        message ??= (await Console.In.ReadToEndAsync().ConfigureAwait(false)).TrimEnd('\r', '\n');
        if (message.Length == 0)
        {
            await Console.Error.WriteLineAsync("There is nothing to send.").ConfigureAwait(false);
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
            // What has gone into a pipe cannot be taken back.
            var options = new SendOptions { CancelTurn = true, OnTurnRestart = TurnRestartPolicy.Buffer };
            var chat = await session.ChatAsync(interrupted.Token).ConfigureAwait(false);
            await foreach (var chunk in chat.SendMessageStreamAsync(message, options, interrupted.Token).ConfigureAwait(false))
            {
                await Console.Out.WriteAsync(chunk.Text).ConfigureAwait(false);
            }

            await Console.Out.WriteLineAsync().ConfigureAwait(false);
            return ExitCodes.Good;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }
}
