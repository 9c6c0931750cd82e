using System.Diagnostics;
using Orleans.Storage;

namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>Reads and writes records by name and ETag, and converts the provider's errors.</summary>
internal sealed class RecordStorage(IGrainStorage provider)
{
    private const int MaxTries = 3;

    // A read that took this long to fail isn't retried.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The maximum number of concurrent reads or writes of one operation.</summary>
    public const int Concurrency = 16;

    /// <summary>Reads a record.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task<RecordVersion> ReadAsync(RecordName name)
    {
        var started = Stopwatch.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            var state = new GrainState<StoredRecord>(new StoredRecord());
            try
            {
                await provider.ReadStateAsync(name.Kind, name.Id, state).ConfigureAwait(false);
                return new RecordVersion(state.RecordExists ? state.State?.Data ?? [] : null, state.ETag);
            }
            catch (Exception exception) when (tries == MaxTries || Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw Failed("read", name, exception);
            }
            catch (Exception)
            {
                // Retry.
            }
        }
    }

    /// <summary>Writes a record if it has an ETag, or, if the ETag is null, if it doesn't exist.</summary>
    /// <returns>
    /// The new version. Null if the provider reports that the record has another ETag. A provider that retries by itself also reports this after its own
    /// write.
    /// </returns>
    /// <exception cref="ChatStoreException">The provider failed. Whether the record was written is unknown.</exception>
    public async Task<RecordVersion?> TryWriteAsync(RecordName name, byte[] data, string? etag)
    {
        var state = new GrainState<StoredRecord>(new StoredRecord { Data = data }) { ETag = etag, RecordExists = etag is not null };
        try
        {
            await provider.WriteStateAsync(name.Kind, name.Id, state).ConfigureAwait(false);
            return new RecordVersion(data, state.ETag);
        }
        catch (InconsistentStateException)
        {
            return null;
        }
        catch (Exception exception)
        {
            throw Failed("written", name, exception);
        }
    }

    /// <summary>Writes a new record under a name that no other writer uses.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task CreateAsync(RecordName name, byte[] data)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (await TryWriteAsync(name, data, null).ConfigureAwait(false) is not null || await IsThereAsync(name, data).ConfigureAwait(false))
                {
                    return;
                }

                throw new ChatStoreException($"A record of kind '{name.Kind}' couldn't be written.");
            }
            catch (ChatStoreException) when (tries < MaxTries)
            {
                // Retry.
            }
        }
    }

    /// <summary>Clears a record, whatever its ETag.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task ClearAsync(RecordName name)
    {
        for (var tries = 1; ; tries++)
        {
            var found = await ReadAsync(name).ConfigureAwait(false);
            if (found.Data is null)
            {
                return;
            }

            try
            {
                var state = new GrainState<StoredRecord>(new StoredRecord { Data = found.Data }) { ETag = found.ETag, RecordExists = true };
                await provider.ClearStateAsync(name.Kind, name.Id, state).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (tries == MaxTries)
            {
                throw Failed("cleared", name, exception);
            }
            catch (Exception)
            {
                // Read again: it might be cleared.
            }
        }
    }

    /// <summary>Calls a body for each item, with limited concurrency, and returns the results in the order of the items.</summary>
    /// <exception cref="OperationCanceledException">The call was canceled.</exception>
    public static async Task<TResult[]> ForEachAsync<T, TResult>(
        IReadOnlyList<T> items, Func<T, Task<TResult>> body, CancellationToken cancellationToken = default)
    {
        var results = new TResult[items.Count];
        await Parallel.ForAsync(
            0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (i, _) => results[i] = await body(items[i]).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }

    // An earlier try, or one of the provider's own, might have written it before its reply was lost.
    private async Task<bool> IsThereAsync(RecordName name, byte[] data) =>
        (await ReadAsync(name).ConfigureAwait(false)).Data is { } found && found.AsSpan().SequenceEqual(data);

    private static ChatStoreException Failed(string what, RecordName name, Exception exception) =>
        new($"A record of kind '{name.Kind}' couldn't be {what}: {exception.GetType().Name}.", exception);
}

/// <summary>A version of a record.</summary>
/// <param name="Data">The bytes; null if the record doesn't exist.</param>
/// <param name="ETag">The ETag for the next write. Some providers have one for cleared records, too.</param>
internal readonly record struct RecordVersion(byte[]? Data, string? ETag);
