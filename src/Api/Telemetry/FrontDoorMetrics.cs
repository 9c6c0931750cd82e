using System.Diagnostics.Metrics;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>What the front door counts.</summary>
internal sealed class FrontDoorMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "GenAI.Chats.Api";

    private readonly UpDownCounter<int> _streams;
    private readonly Counter<long> _rejected;

    public FrontDoorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _streams = meter.CreateUpDownCounter<int>("chats.streams.open", "{stream}", "Streams of events that clients read.");
        _rejected = meter.CreateCounter<long>("chats.requests.rejected", "{request}", "Requests rejected because of a limit or invalid credentials.");
    }

    /// <summary>A stream begins, or ends.</summary>
    public void StreamsChanged(int change, string method) => _streams.Add(change, new KeyValuePair<string, object?>("rpc.method", method));

    /// <summary>Counts a request rejected because of a limit or its credentials.</summary>
    /// <param name="reason">The reason that the client gets.</param>
    public void Refused(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("error.type", reason));
}
