using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>
/// Chats that an activation of this process has left with pending turns. In the store, their turns have this process as a live owner, so the search for
/// abandoned turns doesn't find them. Recovery activates them from this list.
/// </summary>
internal sealed class OrphanedChats
{
    private readonly ConcurrentDictionary<OrphanedChat, byte> _chats = new();

    /// <summary>Adds a chat.</summary>
    public void Add(OrphanedChat chat) => _chats[chat] = 0;

    /// <summary>Removes and returns all chats, in random order.</summary>
    public IReadOnlyList<OrphanedChat> Take()
    {
        var taken = new List<OrphanedChat>();
        foreach (var chat in _chats.Keys)
        {
            if (_chats.TryRemove(chat, out _))
            {
                taken.Add(chat);
            }
        }

        // A caller that handles only the first ones must not get the same ones each time.
        Random.Shared.Shuffle(CollectionsMarshal.AsSpan(taken));
        return taken;
    }
}

/// <summary>A chat that an activation of this process has left.</summary>
/// <param name="Key">The chat.</param>
/// <param name="Sequence">The number of the turn that the activation ran, or may have started. 0: none.</param>
/// <param name="TurnId">The turn's ID. A chat that was created later with the same key has another turn with the number.</param>
/// <param name="Attempt">The turn's attempt.</param>
public readonly record struct OrphanedChat(ChatKey Key, long Sequence = 0, string TurnId = "", int Attempt = 0)
{
    /// <summary>
    /// Releases the turn if this process still owns it. Otherwise, other servers would take it for running as long as this process lives.
    /// </summary>
    /// <exception cref="ChatStoreException">The store failed.</exception>
    public async Task ReleaseAsync(IChatStore store, string owner)
    {
        if (Sequence == 0)
        {
            return;
        }

        try
        {
            await store.ApplyAsync(Key, new ReleaseStep(Sequence, TurnId, Attempt, owner));
        }
        catch (ChatConflictException)
        {
            // The turn has ended, or another attempt runs.
        }
    }
}
