using System.Collections.Concurrent;
using System.Globalization;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Orleans.Storage;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>A storage provider that several stores share, which does what a test says before and after each operation.</summary>
internal sealed class MemoryProvider : IGrainStorage, IGrainStorageSource
{
    private readonly ConcurrentDictionary<(string Kind, GrainId Id), (byte[] Data, string ETag)> _records = new();
    private long _etags;

    /// <summary>Called before an operation; what it throws is the provider's error.</summary>
    public Func<Operation, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called when an operation was done; what it throws takes the place of the reply.</summary>
    public Func<Operation, Task> After { get; set; } = static _ => Task.CompletedTask;

    /// <summary>What was done, in order.</summary>
    public ConcurrentQueue<Operation> Log { get; } = new();

    public IReadOnlyDictionary<(string Kind, GrainId Id), (byte[] Data, string ETag)> Records => _records;

    /// <summary>Replaces what the records of a kind hold; null: loses them.</summary>
    public void Overwrite(string kind, byte[]? data)
    {
        foreach (var (key, (_, etag)) in _records.Where(record => record.Key.Kind == kind))
        {
            if (data is null)
            {
                _records.TryRemove(key, out _);
            }
            else
            {
                _records[key] = (data, etag);
            }
        }
    }

    public Task<IGrainStorage> StartAsync(CancellationToken cancellationToken) => Task.FromResult<IGrainStorage>(this);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => RunAsync(new Operation("read", stateName, grainId, 0), () =>
    {
        var isThere = _records.TryGetValue((stateName, grainId), out var found);
        grainState.State = (T)(object)new StoredRecord { Data = isThere ? found.Data : [] };
        grainState.ETag = isThere ? found.ETag : null;
        grainState.RecordExists = isThere;
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var data = ((StoredRecord)(object)grainState.State!).Data.ToArray();
        return RunAsync(new Operation("write", stateName, grainId, data.Length), () =>
        {
            var next = (data, Interlocked.Increment(ref _etags).ToString(CultureInfo.InvariantCulture));
            Replace((stateName, grainId), grainState.ETag, next);
            grainState.ETag = next.Item2;
            grainState.RecordExists = true;
        });
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => RunAsync(new Operation("clear", stateName, grainId, 0), () =>
    {
        Replace((stateName, grainId), grainState.ETag, null);
        grainState.ETag = null;
        grainState.RecordExists = false;
    });

    private async Task RunAsync(Operation operation, Action body)
    {
        await Before(operation);
        body();
        Log.Enqueue(operation);
        await After(operation);
    }

    private void Replace((string, GrainId) key, string? etag, (byte[] Data, string ETag)? next)
    {
        lock (_records)
        {
            var stored = _records.TryGetValue(key, out var found) ? found.ETag : null;
            if (stored != etag)
            {
                throw new InconsistentStateException("The record is of another version.", stored, etag);
            }

            if (next is { } record)
            {
                _records[key] = record;
            }
            else
            {
                _records.TryRemove(key, out _);
            }
        }
    }
}

/// <summary>A read, write or clear.</summary>
internal sealed record Operation(string Verb, string Kind, GrainId Id, int Bytes);
