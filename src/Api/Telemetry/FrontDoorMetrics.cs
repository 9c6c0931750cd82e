using System.Diagnostics.Metrics;

namespace GenAI.Chats.Api.Telemetry;

/// <summary>The metrics of the front door.</summary>
internal sealed class FrontDoorMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "GenAI.Chats.Api";

    private readonly UpDownCounter<int> _streams;
    private readonly Counter<long> _rejected;

    public FrontDoorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _streams = meter.CreateUpDownCounter<int>("chats.streams.open", "{stream}", "Open event streams.");
        _rejected = meter.CreateCounter<long>("chats.requests.rejected", "{request}", "Requests that were rejected because of a limit or invalid credentials, before anything was written.");
    }

    /// <summary>Counts a stream that starts or ends.</summary>
    public void StreamsChanged(int change, string method)
    {
        if (change != 0)
        {
            _streams.Add(change, new KeyValuePair<string, object?>("rpc.method", method));
        }
    }

    /// <summary>Counts a request that is rejected because of a limit or its credentials.</summary>
    /// <param name="reason">The reason that the client gets.</param>
    public void Rejected(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("error.type", reason));
}
