using System.Globalization;

namespace GenAI.Chats.Client;

/// <summary>
/// The time limit of the options was reached. A turn that the service has accepted continues, unless <see cref="SendOptions.CancelTurn"/> is set. If you send
/// the message again with the same request ID, it joins that turn.
/// </summary>
public sealed class ChatTimeoutException : ChatException
{
    internal ChatTimeoutException(TimeSpan timeout, string? requestId, Exception cause)
        : base(
            new CallFailure(StatusCode.DeadlineExceeded, string.Create(CultureInfo.InvariantCulture, $"The call timed out after {timeout.TotalSeconds} s."))
            {
                Cause = cause,
            },
            requestId)
    {
    }
}
