namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>
/// A record that several callers and servers change. Changes that wait for a write are written together. A change can be applied several times,
/// also to a record that contains it, and must be idempotent.
/// </summary>
internal sealed class SharedRecord<T>(RecordStorage records, RecordName name, MessageParser<T> parser)
    where T : class, IMessage<T>, IDeepCloneable<T>
{
    // Each conflict is the success of another server.
    private const int MaxTries = 32;
    private const int MaxFailures = 3;

    private readonly Lock _lock = new();
    private List<Change> _waiting = [];
    private bool _isWriting;
    private T? _known;
    private string? _etag;

    /// <summary>Reads the record; an empty one if it doesn't exist.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task<(T Record, string? ETag)> ReadAsync()
    {
        var version = await records.ReadAsync(name).ConfigureAwait(false);
        return (parser.Parse(version.Data), version.ETag);
    }

    /// <summary>Changes the record.</summary>
    /// <param name="change">Changes the record that it gets, and returns a result.</param>
    /// <returns>The result for the record as it was written, or read if nothing changed.</returns>
    /// <exception cref="ChatStoreException">The provider failed. Whether the record changed is unknown.</exception>
    public async Task<TResult> UpdateAsync<TResult>(Func<T, TResult> change)
    {
        TResult result = default!;
        var waiting = new Change(record => result = change(record));
        var isFirst = false;
        lock (_lock)
        {
            _waiting.Add(waiting);
            isFirst = !_isWriting;
            _isWriting = true;
        }

        if (isFirst)
        {
            // Catches all exceptions, and doesn't run as part of the first caller.
            _ = Task.Run(WriteAllAsync);
        }

        await waiting.Done.Task.ConfigureAwait(false);
        return result;
    }

    private async Task WriteAllAsync()
    {
        while (true)
        {
            List<Change> batch;
            lock (_lock)
            {
                batch = _waiting;
                _waiting = [];
                if (batch.Count == 0)
                {
                    _isWriting = false;
                    return;
                }
            }

            try
            {
                await WriteAsync(batch).ConfigureAwait(false);
                batch.ForEach(change => change.Done.SetResult());
            }
            catch (Exception exception)
            {
                _known = null;
                batch.ForEach(change => change.Done.SetException(exception));
            }
        }
    }

    private async Task WriteAsync(List<Change> batch)
    {
        var failures = 0;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            try
            {
                if (await TryWriteAsync(batch).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (ChatStoreException) when (++failures < MaxFailures)
            {
                // Read again: the write might have succeeded.
            }

            _known = null;
        }

        throw new ChatStoreException($"Too many concurrent updates to record '{name.Kind}'.");
    }

    private async Task<bool> TryWriteAsync(List<Change> batch)
    {
        var isFresh = _known is null;
        if (isFresh)
        {
            (_known, _etag) = await ReadAsync().ConfigureAwait(false);
        }

        var next = _known!.Clone();
        batch.ForEach(change => change.Apply(next));
        if (next.Equals(_known))
        {
            // The cached record might be outdated.
            return isFresh;
        }

        if (await records.TryWriteAsync(name, next.ToByteArray(), _etag).ConfigureAwait(false) is not { } written)
        {
            return false;
        }

        (_known, _etag) = (next, written.ETag);
        return true;
    }

    private sealed record Change(Action<T> Apply)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
