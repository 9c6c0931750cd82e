using System.Globalization;
using System.Net;
using System.Text.Json;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Makes exceptions of what the Gemini API says when it fails.</summary>
/// <param name="key">The key of the calls: should a message repeat it, it is struck out.</param>
internal sealed class GeminiErrors(string? key)
{
    /// <summary>Longer messages are cut: they travel in a gRPC status, which is a header.</summary>
    private const int MaxMessageLength = 2000;

    /// <summary>An error body, in whichever shape, under the status of its response.</summary>
    /// <param name="statusCode">The response's own. A body that names another counts for more, as a stream can fail under 200.</param>
    /// <param name="reasonPhrase">For a body that says nothing.</param>
    /// <param name="body">JSON, text, a page, or nothing.</param>
    /// <param name="retryAfter">The header's delay; one in the body counts for more.</param>
    public ModelException FromBody(HttpStatusCode statusCode, string? reasonPhrase, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (TryGetError(document.RootElement, out var error))
            {
                return FromError(error, (int)statusCode, reasonPhrase, retryAfter);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A page of a proxy, most likely: nothing in it is for the client.
        }

        return Map((int)statusCode, Describe((int)statusCode, reasonPhrase), retryAfter);
    }

    /// <summary>Finds the error in <c>{"error": ...}</c>, or in a list with one such object.</summary>
    public static bool TryGetError(JsonElement root, out JsonElement error)
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
    public ModelException FromError(JsonElement error, int statusCode, string? reasonPhrase = null, TimeSpan? retryAfter = null)
    {
        if (error.ValueKind == JsonValueKind.String)
        {
            return Map(statusCode, Text(error) ?? Describe(statusCode, reasonPhrase), retryAfter);
        }

        var code = StatusOf(error) ?? statusCode;
        var message = error.TryGetProperty("message", out var text) && Text(text) is { Length: > 0 } own
            ? own
            : Describe(code, code == statusCode ? reasonPhrase : null);
        var delay = retryAfter;
        var keyRefused = false;
        foreach (var detail in Details(error))
        {
            delay = RetryDelay(detail) ?? delay;
            // A bad key is answered with 400; only the detail tells.
            keyRefused |= detail.TryGetProperty("reason", out var reason)
                && Text(reason)?.StartsWith("API_KEY_", StringComparison.Ordinal) == true;
        }

        return Map(keyRefused ? 401 : code, message, delay);
    }

    private ModelException Map(int statusCode, string message, TimeSpan? retryDelay)
    {
        var (code, reason) = statusCode switch
        {
            401 or 403 => (Code.FailedPrecondition, ModelErrorReasons.Credentials),
            404 => (Code.NotFound, ModelErrorReasons.NotFound),
            408 or 504 => (Code.DeadlineExceeded, ModelErrorReasons.Timeout),
            429 => (Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded),
            // 499: the API gave up by itself, as it does when it is restarted.
            >= 400 and < 499 => (Code.InvalidArgument, ModelErrorReasons.InvalidRequest),
            _ => (Code.Unavailable, ModelErrorReasons.Unavailable),
        };
        return new ModelException(code, reason, Clean(message), retryDelay);
    }

    private string Clean(string message)
    {
        var clean = string.IsNullOrEmpty(key) ? message : message.Replace(key, "***", StringComparison.Ordinal);
        return clean.Length > MaxMessageLength ? clean[..MaxMessageLength] : clean;
    }

    private static int? StatusOf(JsonElement error)
    {
        if (error.TryGetProperty("code", out var code)
            && code.ValueKind == JsonValueKind.Number
            && code.TryGetInt32(out var number)
            && number is >= 400 and < 600)
        {
            return number;
        }

        return error.TryGetProperty("status", out var status)
            ? Text(status) switch
            {
                "INVALID_ARGUMENT" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" => 400,
                "UNAUTHENTICATED" => 401,
                "PERMISSION_DENIED" => 403,
                "NOT_FOUND" => 404,
                "RESOURCE_EXHAUSTED" => 429,
                "INTERNAL" or "UNKNOWN" => 500,
                "UNAVAILABLE" => 503,
                "DEADLINE_EXCEEDED" => 504,
                _ => null,
            }
            : null;
    }

    private static IEnumerable<JsonElement> Details(JsonElement error) =>
        error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array
            ? details.EnumerateArray().Where(detail => detail.ValueKind == JsonValueKind.Object)
            : [];

    // "53s", "1.5s".
    private static TimeSpan? RetryDelay(JsonElement detail) =>
        detail.TryGetProperty("retryDelay", out var delay)
        && Text(delay) is { } text
        && text.EndsWith('s')
        && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= TimeSpan.SecondsPerDay
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string Describe(int statusCode, string? reasonPhrase) =>
        string.IsNullOrEmpty(reasonPhrase)
            ? $"The model's API answered with status {statusCode}."
            : $"The model's API answered {statusCode} {reasonPhrase}.";

    private static string? Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;
}
