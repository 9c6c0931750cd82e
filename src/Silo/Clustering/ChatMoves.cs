using System.Collections.Concurrent;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Hosting;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>Chooses among the silos that this one sees in the cluster.</summary>
internal sealed class ChatMoves(ISiloStatusOracle silos, TimeProvider time) : IChatMoves
{
    // A chat that comes back was sent by a silo that stops as well. Where all do, none is better than this one, and the chat is not to be passed around.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ChatKey, long> _moved = new();

    /// <inheritdoc/>
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
