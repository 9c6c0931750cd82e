using System.Diagnostics;
using GenAI.Chats.Engine.Storage;
using Orleans.Storage;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Records by name, with an ETag each. A provider's errors are this store's.</summary>
internal sealed class RecordStorage(IGrainStorage provider)
{
    private const int MaxTries = 3;

    // A provider that takes long to fail is not asked again.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How many reads or writes of one operation are under way at once.</summary>
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
                // Again.
            }
        }
    }

    /// <summary>Writes a record, if it is still of the version that was read. Null: it may not exist.</summary>
    /// <returns>
    /// The new ETag; null when the provider said that the record is of another version, which a provider that tries again by itself also says of its own write.
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

    /// <summary>Writes a record that nobody else writes, under a name of its own.</summary>
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

                throw new ChatStoreException($"A record of kind '{name.Kind}' could not be written.");
            }
            catch (ChatStoreException) when (tries < MaxTries)
            {
                // Again.
            }
        }
    }

    /// <summary>Clears a record, whatever its version.</summary>
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
                // Read again: it may be gone.
            }
        }
    }

    /// <summary>Does the same for each item, a few at a time, and keeps their order.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public static async Task<TResult[]> ForEachAsync<T, TResult>(
        IReadOnlyList<T> items, Func<T, Task<TResult>> body, CancellationToken cancellationToken = default)
    {
        var results = new TResult[items.Count];
        await Parallel.ForAsync(
            0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (i, _) => results[i] = await body(items[i]).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }

    // By an earlier try, or one of the provider's own, whose reply was lost.
    private async Task<bool> IsThereAsync(RecordName name, byte[] data) =>
        (await ReadAsync(name).ConfigureAwait(false)).Data is { } found && found.AsSpan().SequenceEqual(data);

    private static ChatStoreException Failed(string what, RecordName name, Exception exception) =>
        new($"A record of kind '{name.Kind}' could not be {what}: {exception.GetType().Name}.", exception);
}

/// <summary>A record as it was read.</summary>
/// <param name="Data">Null: there is none.</param>
/// <param name="ETag">What a write must show; some providers have one for records that were cleared, too.</param>
internal readonly record struct RecordVersion(byte[]? Data, string? ETag);
