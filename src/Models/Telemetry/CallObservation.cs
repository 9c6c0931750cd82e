using System.Diagnostics;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Collects the span and metrics of a route's call, including all attempts. They are recorded when the call is over.</summary>
internal sealed class CallObservation(ModelTelemetry telemetry, ModelIdentity identity, ModelRequest request, Activity? span, TimeProvider time)
    : IDisposable
{
    private const string Cancelled = "CANCELLED";
    private const string Other = "_OTHER";

    private readonly long _begin = time.GetTimestamp();
    private readonly List<GenerateContentResponse>? _said = telemetry.CapturesContent && span is { IsAllDataRequested: true } ? [] : null;
    private ModelIdentity _identity = identity;
    private string _model = request.Model;
    private UsageMetadata? _usage;
    private string? _responseModel;
    private TimeSpan? _firstChunk;
    private string? _error;
    private bool _ended;

    /// <summary>Gets the span, if there is one.</summary>
    public Activity? Span => span;

    /// <summary>Sets the target of an attempt. The last one counts as the target of the call.</summary>
    public void Aim(ModelIdentity identity, string model)
    {
        _identity = identity;
        _model = model;
    }

    /// <summary>Records a response.</summary>
    public void Saw(GenerateContentResponse response)
    {
        _firstChunk ??= time.GetElapsedTime(_begin);
        _usage = response.UsageMetadata ?? _usage;
        _responseModel = response.ModelVersion.Length > 0 ? response.ModelVersion : _responseModel;
        if (span is { IsAllDataRequested: true })
        {
            SpanAttributes.Describe(span, response);
            _said?.Add(response);
        }
    }

    /// <summary>Records the end of the response.</summary>
    public void End() => _ended = true;

    /// <summary>Records a failure or cancellation.</summary>
    public void Fail(Exception failure) => _error ??= failure switch
    {
        ModelException model => model.Reason,
        OperationCanceledException => Cancelled,
        _ => failure.GetType().FullName ?? Other,
    };

    /// <summary>Adds the prompt to the span if that is enabled.</summary>
    public async ValueTask CaptureAsync(CancellationToken cancellationToken)
    {
        if (_said is not null)
        {
            CapturedContent.Input(span!, request, await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Ends the span and records the metrics.</summary>
    public void Dispose()
    {
        // The caller stopped reading before the end.
        _error ??= _ended ? null : Cancelled;
        Record();
        if (span is null)
        {
            return;
        }

        SpanAttributes.Describe(span, _identity, _model, _error);
        if (request.Stream && _firstChunk is { } first)
        {
            span.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        }

        if (_usage is { } usage)
        {
            SpanAttributes.Describe(span, usage);
        }

        if (_said is { Count: > 0 })
        {
            CapturedContent.Output(span, _said);
        }

        span.Dispose();
    }

    private void Record()
    {
        var tags = Tags();
        if (telemetry.Tokens.Enabled && _usage is { } usage)
        {
            telemetry.Tokens.Record(SpanAttributes.Input(usage), [.. tags, new(Attributes.TokenType, "input")]);
            telemetry.Tokens.Record(SpanAttributes.Output(usage), [.. tags, new(Attributes.TokenType, "output")]);
        }

        if (request.Stream && _firstChunk is { } first)
        {
            telemetry.FirstChunk.Record(first.TotalSeconds, tags);
        }

        if (_error is not null)
        {
            tags = [.. tags, new(Attributes.ErrorType, _error)];
        }

        telemetry.Duration.Record(time.GetElapsedTime(_begin).TotalSeconds, tags);
    }

    private KeyValuePair<string, object?>[] Tags()
    {
        // Clients choose model names: an unknown name must not create a time series.
        KeyValuePair<string, object?>[] tags =
        [
            new(Attributes.Operation, _identity.Operation),
            new(Attributes.Provider, _identity.Provider),
            new(Attributes.RequestModel, _usage is null && _responseModel is null && _error is not null ? Other : _model),
        ];
        return _responseModel is null ? tags : [.. tags, new(Attributes.ResponseModel, _responseModel)];
    }
}
