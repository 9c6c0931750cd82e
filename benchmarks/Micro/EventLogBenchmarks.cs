using BenchmarkDotNet.Attributes;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.V1;

namespace GenAI.Chats.Micro;

/// <summary>A turn's events, and readers that follow them.</summary>
public class EventLogBenchmarks
{
    private const int Events = 1000;

    private readonly TurnEvent[] _events =
        [.. Enumerable.Range(1, Events).Select(i => new TurnEvent { Offset = i, Chunk = Samples.Chunks()[i % 20] })];

    /// <summary>How many readers wait for each event.</summary>
    [Params(0, 1, 100)]
    public int Readers { get; set; }

    /// <summary>An event, seen by all readers.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public async Task Append()
    {
        var log = new EventLog();
        var readers = Enumerable.Range(0, Readers).Select(_ => ReadAsync(log)).ToArray();
        foreach (var next in _events)
        {
            log.Append(next);
        }

        await Task.WhenAll(readers);
    }

    private static async Task ReadAsync(EventLog log)
    {
        for (var offset = 0L; offset < Events;)
        {
            var events = await log.ReadAsync(offset, int.MaxValue, int.MaxValue, CancellationToken.None);
            offset = EventBytes.Offset(events.Events[^1]);
        }
    }
}
