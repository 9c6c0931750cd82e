using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Turns;

/// <summary>Reads turns from their chats, call by call. For the one who sent a turn: most turns have no other reader. Those that may be many share a feed.</summary>
internal sealed class TurnReader(ChatCaller chats, ServerState server, TimeProvider time)
{
    // A chat of this server answers at once when the server is stopping; one on another silo may wait for events.
    private static readonly TimeSpan LastRead = TimeSpan.FromMilliseconds(500);

    /// <summary>A turn's events, from those that are ready up to its last one, as they come: those that are there at once come together.</summary>
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

            // The turn may just have ended, and the server waits for no other: so it is read once more.
            isLast = isLast ? throw ChatErrors.Stopping() : server.Release.IsCancellationRequested;
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
                throw ChatErrors.Stopping();
            }
        }
    }
}
