using System.Collections.Concurrent;
using Orleans.Storage;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>
/// Makes a provider fail as real ones do: before an operation, after it, so that its reply is lost, as a conflict with its own write, as providers that try
/// again by themselves report it, or only late. The same does not fail again before it has
/// been done many times: whoever tries three times comes through, even where many do the same at once.
/// </summary>
internal sealed class Faults(Random random)
{
    private const int MinBetween = 64;

    private readonly ConcurrentDictionary<(string, string, GrainId), int> _failed = new();

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

        Done(operation);
    }

    private void Done(Operation operation)
    {
        var key = KeyOf(operation);
        if (_failed.TryGetValue(key, out var left))
        {
            // Where another one has counted meanwhile, this one does not.
            _ = left > 1 ? _failed.TryUpdate(key, left - 1, left) : _failed.TryRemove(key, out _);
        }
    }

    private bool IsStruck(Operation operation)
    {
        if (Next(12) > 0 || !_failed.TryAdd(KeyOf(operation), MinBetween))
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
