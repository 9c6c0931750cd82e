using System.Collections.Concurrent;
using GenAI.Chats.Grains;

namespace GenAI.Chats.Silo.Activations;

/// <summary>Chooses another active silo of the cluster for a chat that moves away.</summary>
internal sealed class ChatMoves(ISiloStatusOracle silos, TimeProvider time) : IChatMoves
{
    // If a chat comes back, the other silo is stopping, too. If all silos are stopping, chats must not be passed around.
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
