namespace GenAI.Chats.Models;

/// <summary>The failure of a model call. Clients see the message, so it never contains a key, a header, or a stack trace.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">The gRPC status code for the client.</param>
    /// <param name="reason">The stable reason in UPPER_SNAKE_CASE. See <see cref="ModelErrorReasons"/>.</param>
    /// <param name="message">The message for the client, without secrets.</param>
    /// <param name="retryDelay">The delay that the model asked for. If null, it didn't ask for one.</param>
    /// <param name="innerException">The cause, for the log.</param>
    public ModelException(Code code, string reason, string message, TimeSpan? retryDelay = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Reason = reason;
        RetryDelay = retryDelay;
        IsRetryable = code is Code.Unavailable or Code.ResourceExhausted or Code.DeadlineExceeded;
    }

    /// <summary>Creates the exception with the code of a reason in <see cref="ModelErrorReasons"/>.</summary>
    internal ModelException(string reason, string message, Exception? innerException = null, TimeSpan? retryDelay = null)
        : this(CodeOf(reason), reason, message, retryDelay, innerException)
    {
    }

    /// <summary>Gets the gRPC status code for the client.</summary>
    public Code Code { get; }

    /// <summary>Gets the stable reason in UPPER_SNAKE_CASE.</summary>
    public string Reason { get; }

    /// <summary>Gets the delay that the model asked for, if any.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>Gets the API's own text if the message doesn't contain it. It is only for classifying the failure; never show it.</summary>
    internal string? ApiMessage { get; init; }

    /// <summary>
    /// Gets the reason why the model is unusable, for the operator: the connection failure, or the HTTP status that rejects this server. Contains
    /// no secrets or addresses. Null for other failures.
    /// </summary>
    public string? Cause { get; init; }

    /// <summary>Gets whether the same call might succeed later. By default true for UNAVAILABLE, RESOURCE_EXHAUSTED, and DEADLINE_EXCEEDED.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>
    /// Gets whether another target might succeed: if the call is retryable, the key or model name is wrong (each target has its own), or the
    /// response can't be read (another model responds differently).
    /// </summary>
    public bool CanFailOver =>
        IsRetryable || Reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound or ModelErrorReasons.MalformedResponse;

    private static Code CodeOf(string reason) => reason switch
    {
        ModelErrorReasons.InvalidRequest => Code.InvalidArgument,
        ModelErrorReasons.NotFound => Code.NotFound,
        ModelErrorReasons.Credentials or ModelErrorReasons.ContentUnavailable => Code.FailedPrecondition,
        ModelErrorReasons.QuotaExceeded or ModelErrorReasons.Overloaded => Code.ResourceExhausted,
        ModelErrorReasons.Timeout or ModelErrorReasons.Stalled => Code.DeadlineExceeded,
        ModelErrorReasons.Unavailable => Code.Unavailable,
        _ => Code.Internal,
    };
}
