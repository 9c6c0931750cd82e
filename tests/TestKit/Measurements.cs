using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace GenAI.Chats.TestKit;

/// <summary>A factory of meters, and all that is measured with them.</summary>
public sealed class Measurements : IMeterFactory
{
    private readonly ConcurrentBag<Meter> _meters = [];
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly MeterListener _listener;

    /// <summary>Listens to its own meters.</summary>
    public Measurements()
    {
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == this)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, tags, $" {value}"));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, tags, $" {value}"));
        _listener.Start();
    }

    /// <summary>A line for each measurement: the name, the attributes, and the value where it is a count.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Asks for what is only told when somebody asks.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    /// <inheritdoc/>
    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, this);
        _meters.Add(meter);
        return meter;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private void Add(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags, string value = "") =>
        _lines.Enqueue($"{instrument.Name}{{{string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}{value}");
}
