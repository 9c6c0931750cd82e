using System.ClientModel;
using System.Globalization;
using GenAI.Chats.Models.Http;
using Google.Rpc;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>What a client's exception is to a chat. Neither its message nor itself goes along: who knows what secrets are in them.</summary>
internal static class ChatClientErrors
{
    /// <summary>The failure, by what is known of its kind.</summary>
    public static ModelException Of(Exception failure, DateTimeOffset now) => failure switch
    {
        // The libraries of OpenAI and Azure.
        ClientResultException { Status: >= 400 } result => OfStatus(result.Status, RetryAfter(result, now)),
        HttpRequestException { StatusCode: { } status } => OfStatus((int)status, null),
        TimeoutException or OperationCanceledException =>
            new(Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model's client gave up waiting."),
        ArgumentException or NotSupportedException =>
            new(
                Code.InvalidArgument,
                ModelErrorReasons.InvalidRequest,
                $"The model's client does not take the request ({failure.GetType().Name})."),
        _ => new(Code.Unavailable, ModelErrorReasons.Unavailable, $"The model's client failed ({failure.GetType().Name})."),
    };

    private static ModelException OfStatus(int status, TimeSpan? retryDelay)
    {
        var (code, reason) = StatusCodes.Of(status);
        return new ModelException(code, reason, $"The model's API answered with status {status}.", retryDelay);
    }

    private static TimeSpan? RetryAfter(ClientResultException result, DateTimeOffset now)
    {
        if (result.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) != true)
        {
            return null;
        }

        var delay = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date - now
            : (TimeSpan?)null;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }
}
