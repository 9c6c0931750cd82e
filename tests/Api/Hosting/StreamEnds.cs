using System.Diagnostics.Metrics;
using GenAI.Chats.Api.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>Tells when a server's streams end.</summary>
internal sealed class StreamEnds : IDisposable
{
    private readonly MeterListener _listener;
    private readonly Dictionary<string, SemaphoreSlim> _ends = new() { ["SendMessageStream"] = new(0), ["ReadTurn"] = new(0), ["WatchChat"] = new(0) };

    public StreamEnds(TestServer server)
    {
        var meters = server.App.Services.GetRequiredService<IMeterFactory>();
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Meter.Name == FrontDoorMetrics.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<int>((_, change, tags, _) =>
        {
            if (change < 0)
            {
                _ends[((string)tags[0].Value!).Split('/')[1]].Release();
            }
        });
        _listener.Start();
    }

    /// <summary>Waits for the next end of a stream of a method.</summary>
    public Task NextAsync(string method) => _ends[method].WaitAsync();

    public void Dispose() => _listener.Dispose();
}
