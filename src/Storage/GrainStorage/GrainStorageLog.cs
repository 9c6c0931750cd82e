using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>What operators learn of a store over grain storage.</summary>
internal static partial class GrainStorageLog
{
    [LoggerMessage(2201, LogLevel.Information, "The store over grain storage is open (server {Server}).")]
    public static partial void Opened(ILogger logger, string server);

    [LoggerMessage(2202, LogLevel.Warning, "Records that nothing names any more could not be cleared, or a list of chats not be brought up to date. They stay until the chat is used, or listed, again.")]
    public static partial void LeftoversFailed(ILogger logger, Exception exception);

    [LoggerMessage(2204, LogLevel.Warning, "A server couldn't be told to stop a turn. It stops the turn when the turn ends, at the latest.")]
    public static partial void StopNotTold(ILogger logger, Exception exception);

    [LoggerMessage(2203, LogLevel.Information, "Server {Server} is gone and leaves no pending turn. Its records were cleared.")]
    public static partial void ServerRemoved(ILogger logger, string server);
}
