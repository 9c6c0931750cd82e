namespace GenAI.Chats.Storage.GrainStorage.Logs;

/// <summary>Walks through the pages of a log, from the references in its head.</summary>
internal sealed class LogWalk(SealedRecords sealedRecords)
{
    /// <summary>Returns pages in the order of the log.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="levels">The references.</param>
    /// <param name="isWanted">Selects pages and index nodes.</param>
    /// <param name="newestFirst">If true, the order is descending.</param>
    /// <param name="nodes">If set, gets the index nodes, each before the nodes that it refers to, with their levels.</param>
    /// <param name="isTolerant">If true, index nodes that don't exist are skipped.</param>
    /// <exception cref="RecordMissingException">An index node doesn't exist.</exception>
    public async IAsyncEnumerable<LogRef> PagesAsync(
        ChatKey key,
        IReadOnlyList<ChatHead.Types.Level> levels,
        Func<LogRef, bool> isWanted,
        bool newestFirst = false,
        ICollection<(LogRef Node, int Level)>? nodes = null,
        bool isTolerant = false)
    {
        var pending = new Stack<(LogRef Ref, int Level)>();
        foreach (var level in newestFirst ? Enumerable.Range(0, levels.Count).Reverse() : Enumerable.Range(0, levels.Count))
        {
            // A higher level is an earlier part of the log.
            Push(levels[level].Refs, level);
        }

        while (pending.TryPop(out var next))
        {
            if (next.Level == 0)
            {
                yield return next.Ref;
                continue;
            }

            nodes?.Add(next);
            IReadOnlyList<LogRef> children = [];
            try
            {
                children = await sealedRecords.ReadNodeAsync(key, next.Ref).ConfigureAwait(false);
            }
            catch (RecordMissingException) when (isTolerant)
            {
                // It was cleared, after the records that it names.
            }

            Push(children, next.Level - 1);
        }

        void Push(IReadOnlyList<LogRef> refs, int level)
        {
            foreach (var page in (newestFirst ? refs : refs.Reverse()).Where(isWanted))
            {
                pending.Push((page, level));
            }
        }
    }
}
