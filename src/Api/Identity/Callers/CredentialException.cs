namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>The exception for credentials that the server doesn't accept.</summary>
/// <param name="reason">The reason that the client gets.</param>
/// <param name="message">The cause, for the log.</param>
internal sealed class CredentialException(string reason, string? message = null) : Exception(message ?? reason)
{
    /// <summary>The request has no credentials.</summary>
    public const string Missing = "MISSING_CREDENTIALS";

    /// <summary>The credentials are invalid. The client doesn't get the cause, which would help guessing.</summary>
    public const string Invalid = "INVALID_CREDENTIALS";

    /// <summary>The credentials were valid and have expired.</summary>
    public const string Expired = "EXPIRED_CREDENTIALS";

    /// <summary>The credentials can't be checked now.</summary>
    public const string Unavailable = "IDENTITY_UNAVAILABLE";

    /// <summary>Gets the reason that the client gets.</summary>
    public string Reason => reason;
}
