using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace GenAI.Chats.Storage.Telemetry;

/// <summary>Spans and metrics of a store's commits. They contain no data of chats.</summary>
internal sealed class StoreTelemetry
{
    private const string Name = "GenAI.Chats.Storage";

    private static readonly ActivitySource Source = new(Name);

    private readonly string _system;
    private readonly Histogram<double> _duration;

    /// <param name="provider">The <c>Storage:Provider</c>.</param>
    /// <param name="meters">The factory of meters.</param>
    public StoreTelemetry(string provider, IMeterFactory? meters = null)
    {
        // The semantic conventions have a name for each database.
        _system = provider.ToLowerInvariant() is var name and not "postgres" ? name : "postgresql";
        var meter = meters?.Create(Name) ?? new Meter(Name);
        _duration = meter.CreateHistogram("chats.store.commit.duration", "s", "The duration of a commit.", null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
    }

    /// <summary>Whether anything observes a commit that starts now.</summary>
    public bool IsOn => _duration.Enabled || (Activity.Current is not null && Source.HasListeners());

    /// <summary>Starts the span of a commit, if the caller has one.</summary>
    public Activity? Start(string step)
    {
        if (Activity.Current is null || Source.StartActivity($"store.{step}", ActivityKind.Client) is not { IsAllDataRequested: true } span)
        {
            return null;
        }

        span.SetTag("db.system.name", _system);
        span.SetTag("db.operation.name", step);
        return span;
    }

    /// <summary>Records a commit.</summary>
    public void Record(Activity? span, string step, TimeSpan duration, string? error)
    {
        var tags = new TagList { { "db.system.name", _system }, { "chats.store.step", step } };
        if (error is not null)
        {
            tags.Add("error.type", error);
            span?.SetTag("error.type", error);
            span?.SetStatus(ActivityStatusCode.Error);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }
}
