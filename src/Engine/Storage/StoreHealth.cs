using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Engine.Storage;

/// <summary>Whether this process has found its store damaged. Damage doesn't pass: the server isn't ready until it is restarted.</summary>
public sealed partial class StoreHealth(ILogger<StoreHealth>? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<StoreHealth>.Instance;
    private string? _damage;

    /// <summary>Describes the damage; null if this process has found none.</summary>
    public string? Damage => Volatile.Read(ref _damage);

    /// <summary>Checks a failure for damage. The first damage is logged.</summary>
    public void Note(ChatStoreException failure)
    {
        if (failure.Damage is StoreDamage.Database && Interlocked.CompareExchange(ref _damage, failure.Message, null) is null)
        {
            LogDamage(_logger, failure.Message, failure);
        }
    }

    [LoggerMessage(3000, LogLevel.Critical,
        "The store is damaged, and this server isn't ready until it is restarted. {Damage} See \"Damaged store\" in docs/troubleshooting.md.", EventName = "Damaged")]
    private static partial void LogDamage(ILogger logger, string damage, Exception exception);
}
