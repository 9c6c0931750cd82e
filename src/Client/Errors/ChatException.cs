using GenAI.Chats.Client.Calls;
using Grpc.Core;

namespace GenAI.Chats.Client;

/// <summary>The service said no, or could not be reached for as long as the options are patient.</summary>
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

    /// <summary>The gRPC status.</summary>
    public StatusCode Status { get; }

    /// <summary>Why, in the service's stable words such as CHAT_NOT_FOUND or MODEL_QUOTA_EXCEEDED. Null where the service did not speak.</summary>
    public string? Reason { get; }

    /// <summary>How long the service, or the model, asks to be left alone.</summary>
    public TimeSpan? RetryDelay { get; }

    /// <summary>The turn that it is about, where it is known.</summary>
    public string? TurnId { get; }

    /// <summary>The id of the send. With it the send can be made again, and is the same turn. Null where there was none.</summary>
    public string? RequestId { get; }
}
