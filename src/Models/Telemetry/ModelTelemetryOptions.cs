using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Telemetry of model calls: settings of the configuration section <c>Telemetry</c>.</summary>
public sealed record ModelTelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Telemetry";

    /// <summary>
    /// Whether spans have the content of messages, as <c>gen_ai.input.messages</c>, <c>gen_ai.output.messages</c>, and <c>gen_ai.system_instructions</c>.
    /// Default: <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c>, or false.
    /// </summary>
    public bool CaptureContent { get; set; }

    /// <summary>
    /// Whether requests to model APIs have the header <c>traceparent</c>, so that traces continue in the model's server. Trace IDs tell others which requests
    /// belong together, so enable it only for your own models. <c>tracestate</c> and <c>baggage</c> are never sent. Default false.
    /// </summary>
    public bool PropagateTraceContext { get; init; }

    /// <summary>Returns whether OpenTelemetry's variable for GenAI instrumentations asks for content in spans.</summary>
    internal static bool IsContentCaptured(IConfiguration configuration) =>
        configuration["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]?.ToUpperInvariant() is "TRUE" or "SPAN_ONLY" or "SPAN_AND_EVENT";
}
