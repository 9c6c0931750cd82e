using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>
/// Chats whose activation in this process ended with turns still pending: the store shows them with a living owner, this process,
/// so that its search for abandoned turns does not find them. The sweep wakes them from here.
/// </summary>
internal sealed class OrphanedChats
{
    private readonly ConcurrentDictionary<OrphanedChat, byte> _chats = new();

    public void Add(OrphanedChat chat) => _chats[chat] = 0;

    /// <summary>Takes out all that are there, each time in another order.</summary>
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

        // Whoever takes only the first of them is not to come upon the same ones for ever.
        Random.Shared.Shuffle(CollectionsMarshal.AsSpan(taken));
        return taken;
    }
}

/// <summary>A chat that an activation of this process has left.</summary>
/// <param name="Key">The chat.</param>
/// <param name="Sequence">The number of the turn that the activation ran, or has perhaps started; 0: none.</param>
/// <param name="TurnId">The turn: a chat that was created since under the same key has another one of that number.</param>
/// <param name="Attempt">Which attempt of it.</param>
internal readonly record struct OrphanedChat(ChatKey Key, long Sequence = 0, string TurnId = "", int Attempt = 0)
{
    /// <summary>
    /// Gives the turn up, if it is still this process's. Without that another server would follow it for as long as this process lives, though nobody
    /// runs it.
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
            // It has ended, or another attempt runs.
        }
    }
}
