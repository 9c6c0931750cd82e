using Google.Rpc;

namespace GenAI.Chats.Grains;

/// <summary>
/// A request to a chat cannot be served, for a reason that its client can act on. The message is for that client: it holds no key and no stack trace.
/// </summary>
[GenerateSerializer]
[Alias("GenAI.Chats.ChatException")]
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
    [Id(0)]
    public Code Code { get; private set; }

    /// <summary>Why: stable, UPPER_SNAKE_CASE.</summary>
    [Id(1)]
    public string Reason { get; private set; }

    /// <summary>The request's field that breaks a rule, when one does.</summary>
    [Id(2)]
    public string? Field { get; init; }

    /// <summary>When to try again, where that makes sense.</summary>
    [Id(3)]
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The chat's revision, when another one was expected.</summary>
    [Id(4)]
    public long? CurrentRevision { get; init; }

    /// <summary>The limit that is used up, when one is: its key below section <c>Admission</c>, without the tenant.</summary>
    [Id(5)]
    public string? Limit { get; init; }

    /// <summary>The limit's value.</summary>
    [Id(6)]
    public long? LimitValue { get; init; }
}
