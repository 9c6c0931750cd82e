using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>Keeps copies of the records for as long as the silo lives.</summary>
internal sealed class MemoryGrainStorage(CopierProvider copiers) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string State, GrainId Grain), Entry> _entries = new();
    private long _version;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_entries.TryGetValue((stateName, grainId), out var entry) && entry.Exists)
        {
            grainState.State = copiers.Get<T>().Copy((T)entry.Value!);
            grainState.ETag = entry.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            Reset(grainState);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var entry = new Entry(copiers.Get<T>().Copy(grainState.State), NextETag(), true);
        Replace((stateName, grainId), grainState.ETag, entry);
        grainState.ETag = entry.ETag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Replace((stateName, grainId), grainState.ETag, new Entry(null, NextETag(), false));
        Reset(grainState);
        return Task.CompletedTask;
    }

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = EmptyState.Create<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private string NextETag() => Interlocked.Increment(ref _version).ToString(CultureInfo.InvariantCulture);

    private void Replace((string State, GrainId Grain) key, string? expected, Entry entry)
    {
        while (true)
        {
            var found = _entries.TryGetValue(key, out var stored);
            var storedETag = stored is { Exists: true } ? stored.ETag : null;
            if (storedETag != expected)
            {
                throw new InconsistentStateException($"Version conflict in state '{key.State}' of {key.Grain}.", storedETag, expected);
            }

            if (found ? _entries.TryUpdate(key, entry, stored!) : _entries.TryAdd(key, entry))
            {
                return;
            }
        }
    }

    private sealed record Entry(object? Value, string ETag, bool Exists);
}
