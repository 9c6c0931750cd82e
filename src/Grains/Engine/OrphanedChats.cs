using System.Collections.Concurrent;
using GenAI.Chats.Grains.Storage;

namespace GenAI.Chats.Grains.Engine;

/// <summary>
/// Chats whose activation in this process ended with turns still pending: the store shows them with a living owner, this process,
/// so that its search for abandoned turns does not find them. The sweep wakes them from here.
/// </summary>
internal sealed class OrphanedChats
{
    private readonly ConcurrentDictionary<ChatKey, byte> _keys = new();

    public void Add(ChatKey key) => _keys[key] = 0;

    /// <summary>Takes out all that are there.</summary>
    public IReadOnlyList<ChatKey> Take()
    {
        var taken = new List<ChatKey>();
        foreach (var key in _keys.Keys)
        {
            if (_keys.TryRemove(key, out _))
            {
                taken.Add(key);
            }
        }

        return taken;
    }
}
