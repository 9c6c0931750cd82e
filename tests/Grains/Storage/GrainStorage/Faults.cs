using System.Collections.Concurrent;
using Orleans.Storage;

namespace GenAI.Chats.Grains.Tests.Storage.GrainStorage;

/// <summary>
/// Makes a provider fail as real ones do: before an operation, after it, so that its reply is lost, as a conflict with its own write, as providers that try
/// again by themselves report it, or only late. The same does not fail twice in a row.
/// </summary>
internal sealed class Faults(Random random)
{
    private readonly ConcurrentDictionary<(string, string, GrainId), bool> _failed = new();

    public int Count { get; private set; }

    public static MemoryProvider Provider(int seed)
    {
        var faults = new Faults(new Random(seed));
        return new MemoryProvider { Before = faults.BeforeAsync, After = faults.AfterAsync };
    }

    public async Task BeforeAsync(Operation operation)
    {
        await DelayAsync();
        if (IsStruck(operation))
        {
            throw new TimeoutException("The request was lost.");
        }
    }

    public async Task AfterAsync(Operation operation)
    {
        await DelayAsync();
        if (IsStruck(operation))
        {
            throw operation.Verb == "read" || Next(2) == 0
                ? new TimeoutException("The reply was lost.")
                : new InconsistentStateException("The request was sent again, and met its own write.");
        }

        _failed.TryRemove(KeyOf(operation), out _);
    }

    private bool IsStruck(Operation operation)
    {
        if (Next(12) > 0 || !_failed.TryAdd(KeyOf(operation), true))
        {
            return false;
        }

        Count++;
        return true;
    }

    private static (string, string, GrainId) KeyOf(Operation operation) => (operation.Verb, operation.Kind, operation.Id);

    private async Task DelayAsync()
    {
        for (var i = Next(4); i > 0; i--)
        {
            await Task.Yield();
        }
    }

    private int Next(int below)
    {
        lock (random)
        {
            return random.Next(below);
        }
    }
}
