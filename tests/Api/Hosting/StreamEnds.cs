using System.Diagnostics.Metrics;
using GenAI.Chats.Api.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>Tells when a server's streams end.</summary>
internal sealed class StreamEnds : IDisposable
{
    private readonly MeterListener _listener;
    private readonly Dictionary<string, TaskCompletionSource> _ends = new()
    {
        ["SendMessageStream"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
        ["ReadTurn"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
        ["WatchChat"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
    };

    public StreamEnds(ChatsServer server)
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
                _ends[((string)tags[0].Value!).Split('/')[1]].TrySetResult();
            }
        });
        _listener.Start();
    }

    public Task NextAsync(string method) => _ends[method].Task;

    public void Dispose() => _listener.Dispose();
}
