using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Engine.Storage;

/// <summary>Whether this process has found its store damaged. That doesn't pass by itself: until it is restarted, the server isn't ready.</summary>
internal sealed class StoreHealth(ILogger<StoreHealth>? logger = null)
{
    private string? _damage;

    /// <summary>What is wrong with the store; null: nothing that this process has come upon.</summary>
    public string? Damage => Volatile.Read(ref _damage);

    /// <summary>Looks at a failure. The first one that shows damage is logged.</summary>
    public void Note(ChatStoreException failure)
    {
        if (failure.Damage is StoreDamage.Database && Interlocked.CompareExchange(ref _damage, failure.Message, null) is null)
        {
            StoreLog.Damaged(logger ?? NullLogger<StoreHealth>.Instance, failure.Message, failure);
        }
    }
}
