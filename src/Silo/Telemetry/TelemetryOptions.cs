using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Telemetry;

/// <summary>
/// Where traces, metrics and logs go: the configuration section <c>Telemetry</c>. Nowhere, unless an endpoint is named, here or in OpenTelemetry's own
/// variables, which count for what is left open here.
/// </summary>
public sealed record TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Telemetry";

    /// <summary>The collector's address, such as <c>http://collector:4317</c>; unset, <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>How it is spoken to: <c>Grpc</c> or <c>HttpProtobuf</c>; unset, <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, or gRPC.</summary>
    public TelemetryProtocol? Protocol { get; init; }

    /// <summary>What is sent along, as <c>name=value,name=value</c>; unset, <c>OTEL_EXPORTER_OTLP_HEADERS</c>. A secret.</summary>
    public string? Headers { get; init; }

    /// <summary>How long one export may take before it is given up; unset, <c>OTEL_EXPORTER_OTLP_TIMEOUT</c>, or 10 s.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What the service is called; <c>OTEL_SERVICE_NAME</c> stands before it. Default <c>genai-chats</c>.</summary>
    public string ServiceName { get; init; } = "genai-chats";

    /// <summary>Whether traces are sent. Default true.</summary>
    public bool Traces { get; init; } = true;

    /// <summary>Whether metrics are sent. Default true.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Whether logs are sent. Default true.</summary>
    public bool Logs { get; init; } = true;

    /// <summary>
    /// Which share of the traces is recorded that begin here, from 0 to 1: a caller's trace is recorded where the caller records it. Unset,
    /// <c>OTEL_TRACES_SAMPLER</c>, or all.
    /// </summary>
    public double? TraceRatio { get; init; }

    /// <summary>How often metrics are sent; unset, <c>OTEL_METRIC_EXPORT_INTERVAL</c>, or a minute.</summary>
    public TimeSpan? MetricsInterval { get; init; }

    /// <summary>Whether Orleans' own spans are recorded too: two for each call of a grain, of which a stream has many. Default false.</summary>
    public bool OrleansSpans { get; init; }

    /// <summary>More sources of spans, such as <c>Npgsql</c>.</summary>
    public IList<string> Sources { get; init; } = [];

    /// <summary>More meters, such as <c>Microsoft.Orleans</c>.</summary>
    public IList<string> Meters { get; init; } = [];

    /// <summary>Without what is secret.</summary>
    public override string ToString() => $"{Endpoint?.Authority} ({Protocol})";
}

/// <summary>How a collector is spoken to.</summary>
public enum TelemetryProtocol
{
    /// <summary>OTLP over gRPC, on port 4317 by custom.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, in Protocol Buffers, on port 4318 by custom. The signals' paths, such as <c>/v1/traces</c>, follow the endpoint's.</summary>
    HttpProtobuf,
}

/// <summary>Checks <see cref="TelemetryOptions"/> at start. Each message names the key, its value and the rule; none shows the headers or a password.</summary>
internal sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, TelemetryOptions options)
    {
        var failures = new List<string>();
        Check(nameof(options.Endpoint), Shown(options.Endpoint), IsAddress(options.Endpoint), "an http or https address, without user and password");
        Check(nameof(options.Headers), "set to a value that is not shown", options.Headers is null || AreHeaders(options.Headers), "name=value,name=value");
        Check(nameof(options.Timeout), options.Timeout, IsWithin(options.Timeout), $"between {Shortest} and {Longest}");
        Check(nameof(options.MetricsInterval), options.MetricsInterval, IsWithin(options.MetricsInterval), $"between {Shortest} and {Longest}");
        Check(nameof(options.ServiceName), options.ServiceName, options.ServiceName.Trim().Length > 0, "a name");
        Check(nameof(options.TraceRatio), options.TraceRatio, options.TraceRatio is null or (>= 0 and <= 1), "between 0 and 1");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check(string key, object? value, bool holds, string rule)
        {
            if (!holds)
            {
                failures.Add(FormattableString.Invariant($"{TelemetryOptions.SectionName}:{key} is {value}; it must be {rule}."));
            }
        }
    }

    private static bool IsAddress(Uri? address) =>
        address is null || (address is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" } && address.Host.Length > 0);

    private static string? Shown(Uri? address) =>
        address is { IsAbsoluteUri: true } ? address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : address?.OriginalString;

    private static bool AreHeaders(string headers) => headers.Split(',').All(static header => header.Trim().IndexOf('=', StringComparison.Ordinal) > 0);

    private static bool IsWithin(TimeSpan? value) => value is null || (value >= Shortest && value <= Longest);
}
