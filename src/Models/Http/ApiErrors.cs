using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Http;

/// <summary>Creates exceptions from the errors of a model API. Their messages are for clients.</summary>
/// <param name="secret">The credential of the call. It is removed from messages.</param>
internal abstract partial class ApiErrors(string? secret)
{
    /// <summary>Longer messages are truncated, because a gRPC status is sent in a header.</summary>
    private const int MaxMessageLength = 2000;

    private const int TooLarge = 413;
    private const int TooManyRequests = 429;

    /// <summary>Returns the delay in a Retry-After header, or null.</summary>
    public static TimeSpan? RetryDelay(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var delay = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    /// <summary>Creates the failure for a response with an error status, whatever its body is: JSON, text, a page, or nothing.</summary>
    /// <param name="response">The response. A status in the body overrides its status.</param>
    /// <param name="body">The body.</param>
    /// <param name="now">The current time, for a Retry-After header with a date.</param>
    public ModelException FromResponse(HttpResponseMessage response, ReadOnlyMemory<byte> body, DateTimeOffset now) =>
        FromBody(body, (int)response.StatusCode, response.ReasonPhrase, RetryDelay(response.Headers, now));

    /// <summary>Creates the failure for the body of a response with an error status.</summary>
    /// <param name="body">The body.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="reasonPhrase">The description for a body without one.</param>
    /// <param name="delay">The delay in the headers, if any.</param>
    public ModelException FromBody(ReadOnlyMemory<byte> body, int status, string? reasonPhrase, TimeSpan? delay)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (TryGetError(document.RootElement, out var error))
            {
                return FromError(error, status, reasonPhrase, delay);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Probably the page of a proxy: nothing in it is for the client.
        }

        return Map(status, Describe(status, reasonPhrase), delay);
    }

    /// <summary>Finds the error in <c>{"error": ...}</c>, or in a list that starts with such an object.</summary>
    public virtual bool TryGetError(JsonElement root, out JsonElement error)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
        {
            root = root[0];
        }

        error = default;
        return root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("error", out error)
            && error.ValueKind is JsonValueKind.Object or JsonValueKind.String;
    }

    /// <summary>Creates the failure for an error object or message.</summary>
    /// <param name="error">The result of <see cref="TryGetError"/>.</param>
    /// <param name="statusCode">The response's status. A status in the error overrides it, because a stream can fail with status 200.</param>
    /// <param name="reasonPhrase">The description for an error without one.</param>
    /// <param name="retryDelay">The delay in the headers. A delay in the body overrides it.</param>
    public ModelException FromError(JsonElement error, int statusCode, string? reasonPhrase = null, TimeSpan? retryDelay = null)
    {
        if (error.ValueKind == JsonValueKind.String)
        {
            return Map(statusCode, Text(error) ?? Describe(statusCode, reasonPhrase), retryDelay);
        }

        var code = StatusOf(error, statusCode);
        var message = Text(error, "message") is { Length: > 0 } own ? own : Describe(code, code == statusCode ? reasonPhrase : null);
        return Map(code, message, RetryDelay(error) ?? retryDelay);
    }

    /// <summary>Returns the HTTP status of an error object.</summary>
    /// <param name="error">The object.</param>
    /// <param name="statusCode">The response's status. It can be 200 if a stream failed.</param>
    protected abstract int StatusOf(JsonElement error, int statusCode);

    /// <summary>Returns the delay in an error object, or null.</summary>
    protected virtual TimeSpan? RetryDelay(JsonElement error) => null;

    /// <summary>Returns the delay in the headers, or null.</summary>
    protected virtual TimeSpan? RetryDelay(HttpResponseHeaders headers, DateTimeOffset now) => RetryDelay(headers.RetryAfter, now);

    /// <summary>Returns the element's text if it is a string.</summary>
    protected static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>Returns a member's text if it is a string.</summary>
    protected static string? Text(JsonElement element, string member) => element.TryGetProperty(member, out var value) ? Text(value) : null;

    /// <summary>Returns the number in member <c>code</c> if it is an HTTP error status.</summary>
    protected static int? NumberOf(JsonElement error) =>
        error.TryGetProperty("code", out var code)
        && code.ValueKind == JsonValueKind.Number
        && code.TryGetInt32(out var number)
        && number is >= 400 and < 600
            ? number
            : null;

    private ModelException Map(int statusCode, string message, TimeSpan? retryDelay)
    {
        if (statusCode == TooManyRequests && IsTooLarge(message))
        {
            (statusCode, retryDelay) = (TooLarge, null);
        }

        var reason = Classify(statusCode);
        return new ModelException(reason, Clean(message), null, retryDelay)
        {
            Cause = reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound ? $"HTTP {statusCode}" : null,
        };
    }

    private static string Classify(int status) => status switch
    {
        401 or 403 => ModelErrorReasons.Credentials,
        404 => ModelErrorReasons.NotFound,
        408 or 504 => ModelErrorReasons.Timeout,
        TooManyRequests => ModelErrorReasons.QuotaExceeded,
        // 499: the API canceled the request itself, for example because it restarts.
        >= 400 and < 499 => ModelErrorReasons.InvalidRequest,
        _ => ModelErrorReasons.Unavailable,
    };

    private string Clean(string message)
    {
        var clean = string.IsNullOrEmpty(secret) ? message : message.Replace(secret, "***", StringComparison.Ordinal);
        return clean.Length > MaxMessageLength ? clean[..MaxMessageLength] : clean;
    }

    // "Limit 30000, Requested 45000": the request itself is too large, although the status is that of a rate limit. Waiting doesn't help, and other
    // calls aren't affected.
    private static bool IsTooLarge(string message)
    {
        if (TooLargePattern.IsMatch(message))
        {
            return true;
        }

        var match = LimitPattern.Match(message);
        return match.Success && Number("requested") > Number("limit");

        double Number(string group) => double.TryParse(
            match.Groups[group].ValueSpan, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : double.NaN;
    }

    private static string Describe(int statusCode, string? reasonPhrase) =>
        string.IsNullOrEmpty(reasonPhrase)
            ? $"The model API returned status {statusCode}."
            : $"The model API returned {statusCode} {reasonPhrase}.";

    [GeneratedRegex(
        @"\b(request|prompt|input|message|context)( \w+){0,2} too (large|long)\b|maximum context length",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TooLargePattern { get; }

    [GeneratedRegex(
        @"\blimit\W{1,3}(?<limit>\d[\d,.]{0,20}\b).{0,100}?\brequested\W{1,3}(?<requested>\d[\d,.]{0,20}\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex LimitPattern { get; }
}
