using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Stopping;

/// <summary>Log messages about stopping silos.</summary>
internal static partial class StoppingLog
{
    [LoggerMessage(
        50,
        LogLevel.Warning,
        "The other silos declared this silo dead before it stopped. It hands nothing over, because they have taken over its chats.",
        EventName = "DeclaredDead")]
    public static partial void DeclaredDead(ILogger logger);
}
