using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.TestKit.Otlp;

/// <summary>A collector: takes OTLP over HTTP on a port of its own, and keeps what has come.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly Lock _lock = new();
    private readonly List<byte[]> _bodies = [];
    private readonly List<(string Scope, OtlpSpan Span)> _spans = [];
    private readonly List<(string Scope, OtlpMetric Metric)> _metrics = [];
    private readonly List<(string Scope, OtlpLogRecord Record)> _logs = [];
    private readonly List<OtlpResource> _resources = [];
    private TaskCompletionSource _came = NewSignal();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _application = builder.Build();
        _application.Run(TakeAsync);
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Whether it takes connections and requests, and answers none.</summary>
    public bool IsStuck { get; set; }

    /// <summary>How many requests it has left without an answer.</summary>
    public int Stuck { get; private set; }

    /// <summary>The requests' bodies, as they came.</summary>
    public IReadOnlyList<byte[]> Bodies => Copy(_bodies);

    /// <summary>The spans, with the names of their sources.</summary>
    public IReadOnlyList<(string Scope, OtlpSpan Span)> Spans => Copy(_spans);

    /// <summary>The metrics with points in them, with the names of their meters; each as often as it was sent.</summary>
    public IReadOnlyList<(string Scope, OtlpMetric Metric)> Metrics => Copy(_metrics);

    /// <summary>The log records, with their categories.</summary>
    public IReadOnlyList<(string Scope, OtlpLogRecord Record)> Logs => Copy(_logs);

    /// <summary>Who sent it.</summary>
    public IReadOnlyList<OtlpResource> Resources => Copy(_resources);

    /// <summary>Starts a collector.</summary>
    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._application.StartAsync();
        collector.Address = new Uri(collector._application.Urls.Single());
        return collector;
    }

    /// <summary>Waits until what has come is as wanted.</summary>
    public async Task<T> UntilAsync<T>(Func<OtlpCollector, T?> find, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            Task came;
            lock (_lock)
            {
                came = _came.Task;
            }

            if (find(this) is { } found)
            {
                return found;
            }

            await came.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (IsStuck)
        {
            Stuck++;
            Signal();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        Take(context.Request.Path.Value!, body.ToArray());
        context.Response.ContentType = "application/x-protobuf";
    }

    private void Take(string path, byte[] body)
    {
        lock (_lock)
        {
            _bodies.Add(body);
            switch (path)
            {
                case "/v1/traces":
                    var traces = OtlpTraces.Parser.ParseFrom(body).ResourceSpans;
                    _resources.AddRange(traces.Select(one => one.Resource));
                    _spans.AddRange(from one in traces from scope in one.ScopeSpans from span in scope.Spans select (scope.Scope.Name, span));
                    break;
                case "/v1/metrics":
                    var metrics = OtlpMetrics.Parser.ParseFrom(body).ResourceMetrics;
                    _resources.AddRange(metrics.Select(one => one.Resource));
                    _metrics.AddRange(
                        from one in metrics from scope in one.ScopeMetrics from metric in scope.Metrics select (scope.Scope.Name, metric));
                    break;
                case "/v1/logs":
                    var logs = OtlpLogs.Parser.ParseFrom(body).ResourceLogs;
                    _resources.AddRange(logs.Select(one => one.Resource));
                    _logs.AddRange(
                        from one in logs from scope in one.ScopeLogs from record in scope.LogRecords select (scope.Scope.Name, record));
                    break;
                default:
                    throw new InvalidOperationException($"OTLP has no {path}.");
            }
        }

        Signal();
    }

    private void Signal()
    {
        lock (_lock)
        {
            _came.SetResult();
            _came = NewSignal();
        }
    }

    private IReadOnlyList<T> Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
