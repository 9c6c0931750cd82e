using GenAI.Chats.Client.Calls;
using Grpc.Core;

namespace GenAI.Chats.Client;

/// <summary>
/// The time that the options give ran out. A turn that the service has accepted runs on, unless <see cref="SendOptions.CancelTurn"/> says otherwise; a send with
/// the same request id gets it.
/// </summary>
public sealed class ChatTimeoutException : ChatException
{
    internal ChatTimeoutException(TimeSpan timeout, string? requestId, Exception cause)
        : base(new CallFailure(StatusCode.DeadlineExceeded, $"There was no answer within {timeout}.") { Cause = cause }, requestId)
    {
    }
}
