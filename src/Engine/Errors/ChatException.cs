namespace GenAI.Chats.Engine.Errors;

/// <summary>
/// The exception for a request that fails for a reason that its client can act on. The message is for that client: it contains no secret and no stack trace.
/// </summary>
public sealed class ChatException : Exception
{
    /// <summary>Creates an exception.</summary>
    /// <param name="code">The gRPC status.</param>
    /// <param name="reason">The stable reason, in UPPER_SNAKE_CASE.</param>
    /// <param name="message">The message.</param>
    public ChatException(Code code, string reason, string message)
        : base(message)
    {
        Code = code;
        Reason = reason;
    }

    /// <summary>Gets the gRPC status.</summary>
    public Code Code { get; }

    /// <summary>Gets the stable reason, in UPPER_SNAKE_CASE.</summary>
    public string Reason { get; }

    /// <summary>Gets the invalid field of the request, if there is one.</summary>
    public string? Field { get; init; }

    /// <summary>Gets the delay after which a retry can succeed. Null if a retry is useless.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>Gets the values that the message quotes, for programs. The keys are in lower_snake_case.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];
}
