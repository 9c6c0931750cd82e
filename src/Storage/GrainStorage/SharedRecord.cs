using GenAI.Chats.Engine.Storage;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// A record that several callers and servers change. Changes that wait for a write are written together. A change may be applied several times, to
/// what the record has become meanwhile or to what it came to itself, and has to come to the same then.
/// </summary>
internal sealed class SharedRecord<T>(RecordStorage records, RecordName name, MessageParser<T> parser)
    where T : class, IMessage<T>, IDeepCloneable<T>
{
    // Each failure is another's success, or the provider's.
    private const int MaxTries = 32;
    private const int MaxFailures = 3;

    private readonly Lock _lock = new();
    private List<Change> _waiting = [];
    private bool _isWriting;
    private T? _known;
    private string? _etag;

    /// <summary>Reads the record; an empty one where there is none.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task<(T Record, string? ETag)> ReadAsync()
    {
        var version = await records.ReadAsync(name).ConfigureAwait(false);
        return (parser.Parse(version.Data), version.ETag);
    }

    /// <summary>Changes the record.</summary>
    /// <param name="change">Changes the record that it is given, and says what came of it.</param>
    /// <returns>What the change said, of the record as it was written, or was when nothing had to be written.</returns>
    /// <exception cref="ChatStoreException">The provider failed; whether the change was done is unknown.</exception>
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
            // It catches everything itself, and does not run as part of the first caller.
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
                // Read again: it may have been done.
            }

            _known = null;
        }

        throw new ChatStoreException($"A record of kind '{name.Kind}' is changed by too many at once.");
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
            // What was remembered may be old.
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
