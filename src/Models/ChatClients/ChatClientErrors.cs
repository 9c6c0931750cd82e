using System.ClientModel;
using System.Globalization;
using System.Text.Json;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.OpenAi;
using Google.Rpc;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>What a client's exception is to a chat. Neither its message nor itself goes along: who knows what secrets are in them.</summary>
internal static class ChatClientErrors
{
    /// <summary>The failure, by what is known of its kind.</summary>
    public static ModelException Of(Exception failure, DateTimeOffset now) => failure switch
    {
        // The libraries of OpenAI and Azure.
        ClientResultException { Status: >= 400 } result => OfBody(result, RetryAfter(result, now)),
        HttpRequestException { StatusCode: { } status } => OfStatus((int)status, null),
        TimeoutException or OperationCanceledException =>
            new(Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model's client gave up waiting."),
        // The library read what the model answered, and could not make anything of it.
        JsonException or FormatException =>
            new(
                Code.Internal,
                ModelErrorReasons.MalformedResponse,
                $"The model's response can't be read ({failure.GetType().Name})."),
        ArgumentException or NotSupportedException =>
            new(
                Code.InvalidArgument,
                ModelErrorReasons.InvalidRequest,
                $"The model's client does not take the request ({failure.GetType().Name})."),
        _ => Unreachable(failure),
    };

    private static ModelException Unreachable(Exception failure)
    {
        var cause = ConnectionFailure.CauseOf(failure);
        var message = $"The model's client failed ({failure.GetType().Name})";
        return new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, cause is null ? $"{message}." : $"{message}: {cause}.")
        {
            Cause = cause,
        };
    }

    // The body tells a request that is too large from one that comes too often.
    private static ModelException OfBody(ClientResultException result, TimeSpan? retryDelay)
    {
        var failure = new OpenAiErrors(secret: null).FromBody(ReadBody(result), result.Status, null, retryDelay);
        return new ModelException(
            failure.Code, failure.Reason, $"The model's API answered with status {result.Status}.", failure.RetryDelay)
        {
            Cause = failure.Cause,
            Told = failure.Message,
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
            // The library has not read it.
            return default;
        }
    }

    private static ModelException OfStatus(int status, TimeSpan? retryDelay)
    {
        var (code, reason) = StatusCodes.Of(status);
        return new ModelException(code, reason, $"The model's API answered with status {status}.", retryDelay)
        {
            Cause = reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound ? $"HTTP {status}" : null,
        };
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
