namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>Log messages about callers. They never contain a key, a token, or its owner.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(300, LogLevel.Debug, "Authentication failed: {Reason}.", EventName = "CallRefused")]
    public static partial void CallRejected(ILogger logger, string reason);

    [LoggerMessage(301, LogLevel.Debug, "Invalid token: {Why}.", EventName = "TokenRefused")]
    public static partial void TokenRejected(ILogger logger, string why);

    [LoggerMessage(302, LogLevel.Information, "Loaded {Keys} API keys for {Tenants} tenants.", EventName = "ApiKeysRead")]
    public static partial void ApiKeysLoaded(ILogger logger, int keys, int tenants);

    [LoggerMessage(303, LogLevel.Warning, "Couldn't reload API keys; keeping the previous ones. {Why}", EventName = "ApiKeysKept")]
    public static partial void ApiKeysKept(ILogger logger, string why);

    [LoggerMessage(304, LogLevel.Information, "Loaded {Keys} signing keys from {Source}.", EventName = "SigningKeysRead")]
    public static partial void SigningKeysLoaded(ILogger logger, int keys, string source);

    [LoggerMessage(305, LogLevel.Warning, "Couldn't load signing keys from {Source}; keeping the previous ones, if any. {Why}", EventName = "SigningKeysKept")]
    public static partial void SigningKeysKept(ILogger logger, string source, string why);

    [LoggerMessage(
        306,
        LogLevel.Warning,
        "Authentication is disabled (Authentication:Schemes=None) and the server listens on {Address}: anyone with network access can read all chats.",
        EventName = "OpenToAll")]
    public static partial void OpenToAll(ILogger logger, string address);
}
