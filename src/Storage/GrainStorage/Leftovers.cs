using System.Collections.Concurrent;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Clears records that nothing names any more, beside the steps. What a commit left over stands in the head until it was cleared and a later commit strikes it
/// out, so that a server that dies loses nothing of it. Only what was written for a commit that never came about is lost with the server.
/// </summary>
internal sealed class Leftovers(ChatFiles files, RecordCache cache, ILogger logger)
{
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    /// <summary>Strikes out what was cleared meanwhile.</summary>
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

    /// <summary>Clears what a head says is left over.</summary>
    public void Clear(ChatKey key, ChatHead head)
    {
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
                await files.ClearAsync([.. NamesOf(key, left)]).ConfigureAwait(false);
                kept[left] = true;
            }
        });
    }

    /// <summary>Clears records that were written for nothing.</summary>
    public void Clear(IReadOnlyList<RecordName> names)
    {
        if (names.Count > 0)
        {
            Run(() => files.ClearAsync(names));
        }
    }

    /// <summary>Does something beside the steps. What fails is logged.</summary>
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
                GrainStorageLog.LeftoversFailed(logger, exception);
            }
        });
        _running[task] = true;
        _ = task.ContinueWith(ended => _running.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Waits for what is under way.</summary>
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
