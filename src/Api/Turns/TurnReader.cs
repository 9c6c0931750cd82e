using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;

namespace GenAI.Chats.Api.Turns;

/// <summary>
/// Reads turns: from their events if the turn runs in this process, otherwise from their chats with short calls. For the client that sent a turn, because most
/// turns have no other reader. Other readers share a feed.
/// </summary>
internal sealed class TurnReader(ChatCaller chats, ServerState server, TimeProvider time)
{
    // Chats on this server respond immediately if the server is stopping. Chats on other silos can wait for events.
    private static readonly TimeSpan LastRead = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads a turn's events until the turn ends. Events that are available together are returned together.</summary>
    public async IAsyncEnumerable<TurnEvents> ReadAsync(
        string grainKey, AcceptedTurn turn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var offset = 0L;
        var isLast = false;
        var log = turn.Log;
        using var stop = log is null ? null : CancellationTokenSource.CreateLinkedTokenSource(server.Release, cancellationToken);
        for (var events = turn.Ready; ; events = await ReadOnAsync())
        {
            if (events.Events.Length > 0)
            {
                yield return events;
                offset = EventBytes.Offset(events.Events[^1]);
            }

            if (events.Ended)
            {
                log?.Forget();
                yield break;
            }

            // The turn might just have ended, so it's read once more.
            isLast = isLast ? throw RpcErrors.Stopping() : server.Release.IsCancellationRequested;
        }

        ValueTask<TurnEvents> ReadOnAsync() => log is null ? CallAsync() : ReadHereAsync();

        async ValueTask<TurnEvents> ReadHereAsync()
        {
            try
            {
                return await log!.ReadAsync(offset, EventLog.MaxEventsPerRead, EventLog.MaxBytesPerRead, stop!.Token);
            }
            catch (ChatConflictException)
            {
                // The chat runs elsewhere now, or the turn has ended and its events are in the store.
                log = null;
            }
            catch (OperationCanceledException) when (server.Release.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // The chat says what becomes of the turn.
                log = null;
            }

            return await CallAsync();
        }

        async ValueTask<TurnEvents> CallAsync()
        {
            var read = chats.CallAsync(grainKey, c => c.ReadTurnAsync(turn.TurnId, offset), cancellationToken);
            try
            {
                return isLast ? await read.AsTask().WaitAsync(LastRead, time, cancellationToken) : await read;
            }
            catch (TimeoutException) when (isLast)
            {
                throw RpcErrors.Stopping();
            }
        }
    }
}
