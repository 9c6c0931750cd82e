namespace GenAI.Chats.Storage.GrainStorage.Heads;

/// <summary>
/// Clears records that no head names anymore, in the background. The garbage of a commit stays in the head until it is cleared and a later commit
/// removes it from the list, so that another server can clear it if this one fails. Only records for a commit that was never done stay if the
/// server fails.
/// </summary>
internal sealed class Garbage(SealedRecords sealedRecords, RecordCache cache, ILogger logger)
{
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    /// <summary>Clears the records of a chat's deleted and erased logs, except records that chats still have.</summary>
    public Func<ChatKey, Task> ClearDeletedAsync { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Removes cleared records from the garbage of a head.</summary>
    public void RemoveCleared(ChatKey key, ChatHead head)
    {
        if (cache.Find<ConcurrentDictionary<RecordRef, bool>>(CacheName(key)) is { } cleared)
        {
            foreach (var left in head.Garbage.Where(cleared.ContainsKey).ToList())
            {
                head.Garbage.Remove(left);
            }
        }
    }

    /// <summary>Clears the garbage of a head.</summary>
    public void Clear(ChatKey key, ChatHead head)
    {
        if (head.Deleted.Count > 0)
        {
            Run(() => ClearDeletedAsync(key));
        }

        if (head.Garbage.Count == 0)
        {
            return;
        }

        var cleared = cache.Find<ConcurrentDictionary<RecordRef, bool>>(CacheName(key)) ?? [];
        var rest = head.Garbage.Where(left => !cleared.ContainsKey(left)).ToList();
        var kept = new ConcurrentDictionary<RecordRef, bool>(cleared.Where(left => head.Garbage.Contains(left.Key)));
        cache.Keep(CacheName(key), kept, head.Garbage.Count * 64);
        Run(async () =>
        {
            foreach (var left in rest)
            {
                await sealedRecords.ClearAsync([.. NamesOf(key, left)]).ConfigureAwait(false);
                kept[left] = true;
            }
        });
    }

    /// <summary>Clears records of a commit that was never done.</summary>
    public void Clear(IReadOnlyList<RecordName> names)
    {
        if (names.Count > 0)
        {
            Run(() => sealedRecords.ClearAsync(names));
        }
    }

    /// <summary>Runs work in the background. Failures are logged.</summary>
    public void Run(Func<Task> work)
    {
        var task = Task.Run(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is ChatStoreException or RecordMissingException or ChatConflictException)
            {
                GrainStorageLog.GarbageFailed(logger, exception);
            }
        });
        _running[task] = true;
        _ = task.ContinueWith(ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Waits for the background work.</summary>
    public async Task FinishAsync()
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(false);
            await Task.Yield();
        }
    }

    private static RecordName CacheName(ChatKey key) => RecordName.Head(key) with { Kind = "cleared" };

    private static IEnumerable<RecordName> NamesOf(ChatKey key, RecordRef left) => left.Kind == RecordName.Payload
        ? Enumerable.Range(0, left.Parts).Select(part => RecordName.PartOf(key, left.Record, part))
        : [RecordName.OfChat(left.Kind, key, left.Record)];
}
