using System.Globalization;
using GenAI.Chats.Models.Http;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Reads the errors of Google's APIs.</summary>
internal sealed class GeminiErrors(string? secret) : ApiErrors(secret)
{
    /// <inheritdoc/>
    protected override int StatusOf(JsonElement error, int statusCode)
    {
        // An invalid key results in status 400. Only the details identify it.
        if (Details(error).Any(detail => Text(detail, "reason")?.StartsWith("API_KEY_", StringComparison.Ordinal) == true))
        {
            return 401;
        }

        return NumberOf(error) ?? Text(error, "status") switch
        {
            "INVALID_ARGUMENT" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" => 400,
            "UNAUTHENTICATED" => 401,
            "PERMISSION_DENIED" => 403,
            "NOT_FOUND" => 404,
            "RESOURCE_EXHAUSTED" => 429,
            "INTERNAL" or "UNKNOWN" => 500,
            "UNAVAILABLE" => 503,
            "DEADLINE_EXCEEDED" => 504,
            _ => statusCode,
        };
    }

    /// <inheritdoc/>
    protected override TimeSpan? RetryDelay(JsonElement error) =>
        Details(error).Select(detail => Delay(Text(detail, "retryDelay"))).LastOrDefault(delay => delay is not null);

    private static IEnumerable<JsonElement> Details(JsonElement error) =>
        error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array
            ? details.EnumerateArray().Where(detail => detail.ValueKind == JsonValueKind.Object)
            : [];

    // "53s", "1.5s".
    private static TimeSpan? Delay(string? text) =>
        text is not null
        && text.EndsWith('s')
        && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= TimeSpan.SecondsPerDay
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
