using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;

namespace GenAI.Chats.Api.Turns;

/// <summary>Reads turns from their chats with short calls. For the client that sent a turn, because most turns have no other reader. Other readers share a feed.</summary>
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
        for (var events = turn.Ready; ; events = await ReadOnAsync())
        {
            if (events.Events.Length > 0)
            {
                yield return events;
                offset = EventBytes.Offset(events.Events[^1]);
            }

            if (events.Ended)
            {
                yield break;
            }

            // The turn might just have ended, so it's read once more.
            isLast = isLast ? throw RpcErrors.Stopping() : server.Release.IsCancellationRequested;
        }

        async ValueTask<TurnEvents> ReadOnAsync()
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
