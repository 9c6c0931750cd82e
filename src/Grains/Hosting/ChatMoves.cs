using System.Collections.Concurrent;
using GenAI.Chats.Grains.Storage;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>Says where chats move to that this silo, while it stops, runs no turns for.</summary>
internal sealed class ChatMoves(ISiloStatusOracle silos, TimeProvider time)
{
    // A chat that comes back was sent by a silo that stops as well. Where all do, none is better than this one, and the chat is not to be passed around.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ChatKey, long> _moved = new();

    /// <summary>Another silo: any that the cluster has. Null: there is none, or the chat has just come back from one.</summary>
    public SiloAddress? Choose(ChatKey chat)
    {
        var others = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => !silo.Equals(silos.SiloAddress)).ToArray();
        if (others.Length == 0 || (_moved.TryGetValue(chat, out var moved) && time.GetElapsedTime(moved) < Pause))
        {
            return null;
        }

        _moved[chat] = time.GetTimestamp();
        return Random.Shared.GetItems(others, 1)[0];
    }
}
