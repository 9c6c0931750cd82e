using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using GenAI.Chats.Models.Http;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Reads the errors of OpenAI's API and compatible ones.</summary>
internal sealed partial class OpenAiErrors(string? secret) : ApiErrors(secret)
{
    private static readonly string[] Limits = ["requests", "tokens"];

    /// <inheritdoc/>
    public override bool TryGetError(JsonElement root, out JsonElement error)
    {
        // Some servers return the error object itself.
        if (root.ValueKind == JsonValueKind.Object && Text(root, "object") == "error")
        {
            error = root;
            return true;
        }

        return base.TryGetError(root, out error);
    }

    /// <inheritdoc/>
    protected override int StatusOf(JsonElement error, int statusCode) =>
        IsAboutRequest(Text(error, "code")) || IsAboutRequest(Text(error, "type")) ? 400
        : statusCode >= 400 ? statusCode : NumberOf(error) ?? OfName(Text(error, "code")) ?? OfName(Text(error, "type")) ?? 500;

    /// <inheritdoc/>
    protected override TimeSpan? RetryDelay(HttpResponseHeaders headers, DateTimeOffset now) =>
        Milliseconds(Header(headers, "retry-after-ms")) ?? base.RetryDelay(headers, now) ?? ResetOfLimits(headers);

    // Regardless of the status.
    private static bool IsAboutRequest(string? name) => name is
        "context_length_exceeded" or "exceed_context_size_error" or "request_too_large" or "string_above_max_length"
        or "content_filter" or "content_policy_violation";

    private static int? OfName(string? name) => name switch
    {
        null => null,
        "invalid_api_key" or "authentication_error" => 401,
        "permission_error" or "permission_denied" => 403,
        "model_not_found" or "not_found_error" or "NotFoundError" => 404,
        "insufficient_quota" or "rate_limit_exceeded" or "rate_limit_error" or "requests" or "tokens" => 429,
        "invalid_request_error" or "BadRequestError" => 400,
        "timeout" => 504,
        "server_error" or "overloaded_error" or "service_unavailable" => 503,
        _ => null,
    };

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static TimeSpan? Milliseconds(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds <= TimeSpan.MillisecondsPerDay
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;

    // The time when all exceeded limits are reset.
    private static TimeSpan? ResetOfLimits(HttpResponseHeaders headers) => Limits
        .Where(limit => Header(headers, $"x-ratelimit-remaining-{limit}") == "0")
        .Max(limit => Span(Header(headers, $"x-ratelimit-reset-{limit}")));

    // "6m0s", "1.5s", "20ms".
    private static TimeSpan? Span(string? text)
    {
        if (text is null || !SpanPattern.IsMatch(text))
        {
            return null;
        }

        var milliseconds = UnitPattern.Matches(text).Sum(match =>
            double.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
            {
                "d" => TimeSpan.MillisecondsPerDay,
                "h" => TimeSpan.MillisecondsPerHour,
                "m" => TimeSpan.MillisecondsPerMinute,
                "s" => TimeSpan.MillisecondsPerSecond,
                _ => 1,
            });
        return milliseconds <= TimeSpan.MillisecondsPerDay ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    [GeneratedRegex(@"^(\d{1,9}(\.\d{1,9})?(d|h|ms|m|s))+\z")]
    private static partial Regex SpanPattern { get; }

    [GeneratedRegex(@"(?<number>[\d.]+)(?<unit>[a-z]+)")]
    private static partial Regex UnitPattern { get; }
}
