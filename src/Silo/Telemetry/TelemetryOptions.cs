namespace GenAI.Chats.Silo.Telemetry;

/// <summary>
/// Telemetry that OpenTelemetry's own variables don't cover: the configuration section <c>Telemetry</c>. The exporter, sampler, and resource are set with
/// OpenTelemetry's variables, such as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, which can be set in any configuration source.
/// </summary>
public sealed record TelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Telemetry";

    /// <summary>Whether Orleans' own spans are recorded: two for each grain call, and a stream makes many. Default false.</summary>
    public bool OrleansSpans { get; init; }

    /// <summary>Whether Prometheus can scrape the metrics from <c>/metrics</c> on the HTTP port, without credentials. Default false.</summary>
    public bool Prometheus { get; init; }

    /// <summary>Additional sources of spans, such as <c>Npgsql</c>.</summary>
    public IList<string> Sources { get; init; } = [];

    /// <summary>Additional meters, such as <c>Microsoft.Orleans</c>.</summary>
    public IList<string> Meters { get; init; } = [];
}
