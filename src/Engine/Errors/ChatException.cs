using Google.Rpc;

namespace GenAI.Chats.Engine.Errors;

/// <summary>
/// A request to a chat cannot be served, for a reason that its client can act on. The message is for that client: it holds no key and no stack trace.
/// </summary>
public sealed class ChatException : Exception
{
    /// <summary>Makes an exception for a client.</summary>
    /// <param name="code">The gRPC status.</param>
    /// <param name="reason">Why: stable, UPPER_SNAKE_CASE.</param>
    /// <param name="message">Why, in a sentence.</param>
    public ChatException(Code code, string reason, string message)
        : base(message)
    {
        Code = code;
        Reason = reason;
    }

    /// <summary>The gRPC status.</summary>
    public Code Code { get; }

    /// <summary>Why: stable, UPPER_SNAKE_CASE.</summary>
    public string Reason { get; }

    /// <summary>The request's field that breaks a rule, when one does.</summary>
    public string? Field { get; init; }

    /// <summary>When to try again, where that makes sense.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The chat's revision, when another one was expected.</summary>
    public long? CurrentRevision { get; init; }

    /// <summary>The limit that is used up, when one is: its key below section <c>Limits</c>, without the tenant.</summary>
    public string? Limit { get; init; }

    /// <summary>The limit's value.</summary>
    public long? LimitValue { get; init; }
}
