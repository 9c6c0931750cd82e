using System.Collections.Concurrent;

namespace Orleans.StandIn.Tests;

/// <summary>What the grains of a test tell it, and where they wait for it.</summary>
internal sealed class Probe
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();
    private readonly ConcurrentQueue<string> _log = new();

    public string[] Log => [.. _log];

    public void Write(string line)
    {
        _log.Enqueue(line);
        Open(line);
    }

    /// <summary>Lets everyone through who waits for the name, now and later.</summary>
    public void Open(string name) => Signal(name).TrySetResult();

    /// <summary>Waits until the name was opened or written. A test that waits in vain says what for.</summary>
    public Task WaitAsync(string name) => Signal(name).Task.WaitAsync(TimeSpan.FromSeconds(20));

    private TaskCompletionSource Signal(string name) =>
        _signals.GetOrAdd(name, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
