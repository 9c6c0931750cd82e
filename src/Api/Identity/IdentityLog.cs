namespace GenAI.Chats.Api.Identity;

/// <summary>What is logged of callers: never a key, a token, or who had it.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(300, LogLevel.Debug, "A call was refused: credentials {Refusal}.", EventName = "CallRefused")]
    public static partial void Refused(ILogger logger, Refusal refusal);

    [LoggerMessage(301, LogLevel.Debug, "A token is not good: {Why}.", EventName = "TokenRefused")]
    public static partial void TokenRefused(ILogger logger, string why);

    [LoggerMessage(302, LogLevel.Information, "{Keys} API keys of {Tenants} tenants.", EventName = "ApiKeysRead")]
    public static partial void KeysRead(ILogger logger, int keys, int tenants);

    [LoggerMessage(303, LogLevel.Warning, "The API keys have changed, and cannot be taken; those from before stay in force. {Why}", EventName = "ApiKeysKept")]
    public static partial void KeysKept(ILogger logger, string why);

    [LoggerMessage(304, LogLevel.Information, "{Keys} keys that tokens are checked with, from {Source}.", EventName = "SigningKeysRead")]
    public static partial void SigningKeysRead(ILogger logger, int keys, string source);

    [LoggerMessage(305, LogLevel.Warning, "The keys that tokens are checked with cannot be read from {Source}; those from before, if any, stay in force. {Why}", EventName = "SigningKeysKept")]
    public static partial void SigningKeysKept(ILogger logger, string source, string why);

    [LoggerMessage(306, LogLevel.Warning, "Everyone who reaches {Address} can use all chats: Identity:Mode is None.", EventName = "OpenToAll")]
    public static partial void OpenToAll(ILogger logger, string address);
}
