namespace GenAI.Chats.Client;

/// <summary>The service rejected a call, or couldn't be reached within the time limits of the options.</summary>
public class ChatException : Exception
{
    internal ChatException(CallFailure failure, string? requestId)
        : base(failure.Message, failure.Cause)
    {
        Status = failure.Status;
        Reason = failure.Reason;
        RetryDelay = failure.RetryDelay;
        TurnId = failure.TurnId;
        RequestId = requestId;
    }

    /// <summary>Creates the exception for an error of a call that was made with <see cref="ChatsClient.CallInvoker"/>.</summary>
    /// <param name="error">The error. It becomes the inner exception.</param>
    public static ChatException From(RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return CallFailure.From(error).ToException(requestId: null);
    }

    /// <summary>The gRPC status.</summary>
    public StatusCode Status { get; }

    /// <summary>The service's stable error reason, such as CHAT_NOT_FOUND or MODEL_QUOTA_EXCEEDED. Null if the error isn't from the service.</summary>
    public string? Reason { get; }

    /// <summary>How long to wait before a retry, if the service or the model asks for a delay.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>The turn that the error is about, if it's known.</summary>
    public string? TurnId { get; }

    /// <summary>The request ID. If the message is sent again with it, it joins the same turn. Null if the call has no request ID.</summary>
    public string? RequestId { get; }
}
