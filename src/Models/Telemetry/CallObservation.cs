using System.Diagnostics;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Collects the span and metrics of a route's call, including all attempts. They are recorded when the call is over.</summary>
internal sealed class CallObservation : IDisposable
{
    private const string Cancelled = "CANCELLED";
    private const string Other = "_OTHER";

    private readonly ModelTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ModelRequest _request;
    private readonly long _begin;
    private readonly List<GenerateContentResponse>? _said;
    private ModelIdentity _identity;
    private string _model;
    private UsageMetadata? _usage;
    private string? _responseModel;
    private TimeSpan? _firstChunk;
    private string? _error;
    private bool _ended;

    public CallObservation(ModelTelemetry telemetry, ModelIdentity identity, ModelRequest request, Activity? span, TimeProvider time)
    {
        _telemetry = telemetry;
        _identity = identity;
        _request = request;
        _model = request.Model;
        Span = span;
        _time = time;
        _begin = time.GetTimestamp();
        if (span is { IsAllDataRequested: true })
        {
            SpanAttributes.Describe(span, request);
            _said = telemetry.CapturesContent ? [] : null;
        }
    }

    /// <summary>Gets the span, if there is one.</summary>
    public Activity? Span { get; }

    /// <summary>Sets the target of an attempt. The last one counts as the target of the call.</summary>
    public void Aim(ModelIdentity identity, string model)
    {
        _identity = identity;
        _model = model;
    }

    /// <summary>Records a response.</summary>
    public void Saw(GenerateContentResponse response)
    {
        _firstChunk ??= _time.GetElapsedTime(_begin);
        _usage = response.UsageMetadata ?? _usage;
        _responseModel = response.ModelVersion.Length > 0 ? response.ModelVersion : _responseModel;
        if (Span is { IsAllDataRequested: true })
        {
            SpanAttributes.Describe(Span, response);
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
            CapturedContent.Input(Span!, _request, await _request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Ends the span and records the metrics.</summary>
    public void Dispose()
    {
        // The caller stopped reading before the end.
        _error ??= _ended ? null : Cancelled;
        Record();
        if (Span is null)
        {
            return;
        }

        SpanAttributes.Describe(Span, _identity, _model, _error);
        if (_request.Stream && _firstChunk is { } first)
        {
            Span.SetTag(Attributes.TimeToFirstChunk, first.TotalSeconds);
        }

        if (_usage is { } usage)
        {
            SpanAttributes.Describe(Span, usage);
        }

        if (_said is { Count: > 0 })
        {
            CapturedContent.Output(Span, _said);
        }

        Span.Dispose();
    }

    private void Record()
    {
        var tags = Tags();
        if (_telemetry.Tokens.Enabled && _usage is { } usage)
        {
            _telemetry.Tokens.Record(TokenUse.Input(usage), [.. tags, new(Attributes.TokenType, "input")]);
            _telemetry.Tokens.Record(TokenUse.Output(usage), [.. tags, new(Attributes.TokenType, "output")]);
        }

        if (_request.Stream && _firstChunk is { } first)
        {
            _telemetry.FirstChunk.Record(first.TotalSeconds, tags);
        }

        if (_error is not null)
        {
            tags = [.. tags, new(Attributes.ErrorType, _error)];
        }

        _telemetry.Duration.Record(_time.GetElapsedTime(_begin).TotalSeconds, tags);
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
