using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Http;

/// <summary>Makes exceptions of what a model's API says when it fails. What is in them is for clients.</summary>
/// <param name="secret">What let the call in: should a message repeat it, it is struck out.</param>
internal abstract partial class ApiErrors(string? secret)
{
    /// <summary>Longer messages are cut: they travel in a gRPC status, which is a header.</summary>
    private const int MaxMessageLength = 2000;

    private const int TooLarge = 413;
    private const int TooManyRequests = 429;

    /// <summary>A response with an error status, and a body in whichever shape: JSON, text, a page, or nothing.</summary>
    /// <param name="response">Its status counts, unless the body names another.</param>
    /// <param name="body">What came with it.</param>
    /// <param name="now">The time, for a header that says when to come again.</param>
    public ModelException FromResponse(HttpResponseMessage response, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        return FromBody(body, (int)response.StatusCode, response.ReasonPhrase, RetryDelay(response.Headers, now));
    }

    /// <summary>A body that came with an error status.</summary>
    /// <param name="body">The body, in whichever shape.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="reasonPhrase">For a body that says nothing.</param>
    /// <param name="delay">When the headers say to come again.</param>
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
            // A page of a proxy, most likely: nothing in it is for the client.
        }

        return Map(status, Describe(status, reasonPhrase), delay);
    }

    /// <summary>Finds the error in <c>{"error": ...}</c>, or in a list with one such object.</summary>
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

    /// <summary>The error object itself, or its message alone.</summary>
    /// <param name="error">What <see cref="TryGetError"/> found.</param>
    /// <param name="statusCode">The response's own. An error that names another counts for more, as a stream can fail under 200.</param>
    /// <param name="reasonPhrase">For an error that says nothing.</param>
    /// <param name="retryDelay">The headers'; one in the body counts for more.</param>
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

    /// <summary>The HTTP status that an error object stands for.</summary>
    /// <param name="error">The object.</param>
    /// <param name="statusCode">The response's own, which may be 200: a stream can fail behind it.</param>
    protected abstract int StatusOf(JsonElement error, int statusCode);

    /// <summary>When an error object says to come again; null where it says nothing of it.</summary>
    protected virtual TimeSpan? RetryDelay(JsonElement error) => null;

    /// <summary>When the headers say to come again; null where they say nothing of it.</summary>
    protected virtual TimeSpan? RetryDelay(HttpResponseHeaders headers, DateTimeOffset now)
    {
        var header = headers.RetryAfter;
        var delay = header?.Delta ?? (header?.Date is { } date ? date - now : null);
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }

    /// <summary>The element's text, if it is a string.</summary>
    protected static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>A member's text, if it is there and a string.</summary>
    protected static string? Text(JsonElement element, string member) => element.TryGetProperty(member, out var value) ? Text(value) : null;

    /// <summary>The number in member <c>code</c>, where it is an HTTP error status.</summary>
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

        var (code, reason) = StatusCodes.Of(statusCode);
        return new ModelException(code, reason, Clean(message), retryDelay)
        {
            Cause = reason is ModelErrorReasons.Credentials or ModelErrorReasons.NotFound ? $"HTTP {statusCode}" : null,
        };
    }

    private string Clean(string message)
    {
        var clean = string.IsNullOrEmpty(secret) ? message : message.Replace(secret, "***", StringComparison.Ordinal);
        return clean.Length > MaxMessageLength ? clean[..MaxMessageLength] : clean;
    }

    // "Limit 30000, Requested 45000": refused for itself, under the status of those that come too often. No waiting helps it, and it says
    // nothing of the calls beside it.
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
            ? $"The model's API answered with status {statusCode}."
            : $"The model's API answered {statusCode} {reasonPhrase}.";

    [GeneratedRegex(
        @"\b(request|prompt|input|message|context)( \w+){0,2} too (large|long)\b|maximum context length",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TooLargePattern { get; }

    [GeneratedRegex(
        @"\blimit\W{1,3}(?<limit>\d[\d,.]{0,20}\b).{0,100}?\brequested\W{1,3}(?<requested>\d[\d,.]{0,20}\b)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex LimitPattern { get; }
}
