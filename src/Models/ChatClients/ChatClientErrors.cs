using System.ClientModel;
using System.Globalization;
using System.Text.Json;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.OpenAi;
using Google.Rpc;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>Converts the exceptions of a client. Their messages and the exceptions themselves aren't passed on, because they can contain secrets.</summary>
internal static class ChatClientErrors
{
    /// <summary>Creates the failure for an exception.</summary>
    public static ModelException Of(Exception failure, DateTimeOffset now) => failure switch
    {
        // The libraries of OpenAI and Azure.
        ClientResultException { Status: >= 400 } result => OfBody(result, RetryAfter(result, now)),
        HttpRequestException { StatusCode: { } status } => new OpenAiErrors(secret: null).FromBody(default, (int)status, null, null),
        TimeoutException or OperationCanceledException =>
            new(Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model client timed out."),
        // The library couldn't parse the model's response.
        JsonException or FormatException =>
            new(Code.Internal, ModelErrorReasons.MalformedResponse, $"The model's response can't be read ({failure.GetType().Name})."),
        ArgumentException or NotSupportedException =>
            new(Code.InvalidArgument, ModelErrorReasons.InvalidRequest, $"The model client rejected the request ({failure.GetType().Name})."),
        _ => ConnectionFailure.Unavailable($"The model client failed ({failure.GetType().Name})", failure, isInner: false),
    };

    // The body distinguishes a request that is too large from one that is too frequent.
    private static ModelException OfBody(ClientResultException result, TimeSpan? retryDelay)
    {
        var failure = new OpenAiErrors(secret: null).FromBody(ReadBody(result), result.Status, null, retryDelay);
        return new ModelException(
            failure.Code, failure.Reason, $"The model API returned status {result.Status}.", failure.RetryDelay)
        {
            Cause = failure.Cause,
            ApiMessage = failure.Message,
        };
    }

    private static ReadOnlyMemory<byte> ReadBody(ClientResultException result)
    {
        try
        {
            return result.GetRawResponse()?.Content.ToMemory() ?? default;
        }
        catch (InvalidOperationException)
        {
            // The library hasn't read it.
            return default;
        }
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
