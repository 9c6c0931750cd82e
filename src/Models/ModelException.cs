using Google.Rpc;

namespace GenAI.Chats.Models;

/// <summary>
/// A model's call failed. Its message is for the end client: it never holds a key, a header or a stack trace.
/// </summary>
public sealed class ModelException : Exception
{
    /// <summary>Makes an exception from what is known of the failure.</summary>
    /// <param name="code">The status that the client is to see.</param>
    /// <param name="reason">Stable, UPPER_SNAKE_CASE.</param>
    /// <param name="message">For the client; without secrets.</param>
    /// <param name="retryDelay">When the model said to try again; null where it said nothing.</param>
    /// <param name="innerException">What caused it, for the log.</param>
    public ModelException(Code code, string reason, string message, TimeSpan? retryDelay = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Reason = reason;
        RetryDelay = retryDelay;
        IsRetryable = code is Code.Unavailable or Code.ResourceExhausted or Code.DeadlineExceeded;
    }

    /// <summary>The status that the client is to see.</summary>
    public Code Code { get; }

    /// <summary>Why, in UPPER_SNAKE_CASE; stable.</summary>
    public string Reason { get; }

    /// <summary>How long the model asked to be left alone, if it did.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>
    /// Whether the same call may succeed when it is made again: true for UNAVAILABLE, RESOURCE_EXHAUSTED and DEADLINE_EXCEEDED, unless
    /// whoever throws it knows better.
    /// </summary>
    public bool IsRetryable { get; init; }

    /// <summary>
    /// Whether the same call may succeed elsewhere: true for what <see cref="IsRetryable"/>, and for a key or a model's name that is no
    /// good, as each target has its own.
    /// </summary>
    public bool CanFailOver => IsRetryable || Reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound;
}
