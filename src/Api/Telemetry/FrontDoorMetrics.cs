using System.Diagnostics.Metrics;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>What the front door counts.</summary>
internal sealed class FrontDoorMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "GenAI.Chats.Api";

    private readonly UpDownCounter<int> _streams;
    private readonly Counter<long> _refused;

    public FrontDoorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _streams = meter.CreateUpDownCounter<int>("chats.streams.open", "{stream}", "Streams of events that clients read.");
        _refused = meter.CreateCounter<long>("chats.requests.refused", "{request}", "Requests that a limit refused, or whose credentials are not good, before anything was written.");
    }

    /// <summary>A stream begins, or ends.</summary>
    public void StreamsChanged(int change, string method) => _streams.Add(change, new KeyValuePair<string, object?>("rpc.method", method));

    /// <summary>A request is refused: by a limit, or for its credentials.</summary>
    /// <param name="reason">The reason that the client gets.</param>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("error.type", reason));
}
