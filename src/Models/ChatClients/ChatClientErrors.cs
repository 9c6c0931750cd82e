using System.ClientModel;
using System.Net.Http.Headers;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.OpenAi;

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
            new(ModelErrorReasons.Timeout, "The model client timed out."),
        // The library couldn't parse the model's response.
        JsonException or FormatException =>
            new(ModelErrorReasons.MalformedResponse, $"The model's response can't be read ({failure.GetType().Name})."),
        ArgumentException or NotSupportedException =>
            new(ModelErrorReasons.InvalidRequest, $"The model client rejected the request ({failure.GetType().Name})."),
        _ => ConnectionFailure.Unavailable($"The model client failed ({failure.GetType().Name})", failure, isInner: false),
    };

    // The body distinguishes a request that is too large from one that is too frequent.
    private static ModelException OfBody(ClientResultException result, TimeSpan? retryDelay)
    {
        var failure = new OpenAiErrors(secret: null).FromBody(ReadBody(result), result.Status, null, retryDelay);
        return new ModelException(failure.Reason, $"The model API returned status {result.Status}.", null, failure.RetryDelay)
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

    private static TimeSpan? RetryAfter(ClientResultException result, DateTimeOffset now) =>
        result.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) == true
        && RetryConditionHeaderValue.TryParse(text, out var header)
            ? ApiErrors.RetryDelay(header, now)
            : null;
}
