namespace GenAI.Chats.Models.Telemetry;

/// <summary>What calls of models tell of themselves: keys of section <c>Telemetry</c>. All of it is off by default.</summary>
public sealed record ModelTelemetryOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Telemetry";

    /// <summary>
    /// Puts what is said into spans, as <c>gen_ai.input.messages</c>, <c>gen_ai.output.messages</c> and <c>gen_ai.system_instructions</c>. Whoever reads the
    /// traces then reads the chats.
    /// </summary>
    public bool CaptureContent { get; init; }

    /// <summary>
    /// Sends the models' servers the header <c>traceparent</c>, so that a trace goes on there. Only for models of one's own: it gives others ids by which
    /// requests can be told to belong together. Neither <c>tracestate</c> nor <c>baggage</c> is ever sent.
    /// </summary>
    public bool SendTraceParent { get; init; }
}
