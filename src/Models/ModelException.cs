using GenAI.Chats.Models.Http;
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

    /// <summary>What the API said, where the message doesn't: to make out what it is about, and for no one to see.</summary>
    internal string? Told { get; init; }

    /// <summary>
    /// Why the model can't be used, for the operator: the connection's failure, or the status with which its API turns this server away. Without
    /// secrets and addresses. Null for other failures.
    /// </summary>
    public string? Cause { get; init; }

    /// <summary>
    /// Whether the same call may succeed when it is made again: true for UNAVAILABLE, RESOURCE_EXHAUSTED and DEADLINE_EXCEEDED, unless
    /// whoever throws it knows better.
    /// </summary>
    public bool IsRetryable { get; init; }

    /// <summary>
    /// Whether the same call may succeed elsewhere: true for what <see cref="IsRetryable"/>, for a key or a model's name that is no good, as
    /// each target has its own, and for an answer that can't be read, as another model answers otherwise.
    /// </summary>
    public bool CanFailOver =>
        IsRetryable || Reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound or ModelErrorReasons.MalformedResponse;

    /// <summary>UNAVAILABLE, with what is known of why.</summary>
    internal static ModelException Unreachable(string message, Exception? failure)
    {
        var cause = ConnectionFailure.CauseOf(failure);
        return new ModelException(
            Code.Unavailable, ModelErrorReasons.Unavailable, cause is null ? $"{message}." : $"{message}: {cause}.", null, failure)
        {
            Cause = cause,
        };
    }
}
