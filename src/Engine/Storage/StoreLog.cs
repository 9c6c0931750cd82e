using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Storage;

/// <summary>What operators learn of any store.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(3000, LogLevel.Critical,
        "The store is damaged, and this server isn't ready until it is restarted. {Damage} See \"Damaged store\" in docs/troubleshooting.md.", EventName = "Damaged")]
    public static partial void Damaged(ILogger logger, string damage, Exception exception);
}
