using System.Runtime.CompilerServices;
using GenAI.Chats.Grains;
using GenAI.Chats.Grains.Engine;

namespace GenAI.Chats.Api.Turns;

/// <summary>Reads turns from their chats, call by call. For the one who sent a turn: most turns have no other reader. Those that may be many share a feed.</summary>
internal sealed class TurnReader(ChatCaller chats, ServerState server)
{
    /// <summary>A turn's events, from those that are ready up to its last one, as they come: those that are there at once come together.</summary>
    public async IAsyncEnumerable<TurnEvents> ReadAsync(
        string grainKey, AcceptedTurn turn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var offset = 0L;
        for (var events = turn.Ready; ; events = await ReadOnAsync())
        {
            if (events.Events.Length > 0)
            {
                yield return events;
                offset = events.Events[^1].Offset;
            }

            if (events.Ended)
            {
                yield break;
            }

            // A chat of this server has said so itself. One on another silo does not know.
            if (server.Release.IsCancellationRequested)
            {
                throw ChatErrors.Stopping();
            }
        }

        ValueTask<TurnEvents> ReadOnAsync() => chats.CallAsync(grainKey, c => c.ReadTurnAsync(turn.TurnId, offset), cancellationToken);
    }
}
