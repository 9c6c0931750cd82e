using GenAI.Chats.Storage.GrainStorage.Logs;

namespace GenAI.Chats.Storage.GrainStorage.Sharing;

/// <summary>
/// Clears the records of deleted chats, and of parts of logs that were erased or replaced, except records that a chat still has. Each chat that gives up
/// records does so in a commit, and only then looks for other chats that have them. Of two chats that give up the same record at the same time, at
/// least one therefore finds that the other doesn't have it anymore.
/// </summary>
internal sealed class DeletedLogs(ChatHeads heads, SealedRecords sealedRecords, LogWalk walk, ForkLists forks)
{
    // A chat that changes while it is searched is read again.
    private const int MaxTries = 8;

    private readonly KeyedLocks<ChatKey> _locks = new();

    /// <summary>Clears the records of a chat's deleted logs.</summary>
    public async Task ClearAsync(ChatKey key)
    {
        using (await _locks.EnterAsync(key).ConfigureAwait(false))
        {
            while ((await heads.ReadAsync(key).ConfigureAwait(false)).Head is { Deleted: [var first, ..] } found)
            {
                await ClearAsync(key, found, first).ConfigureAwait(false);
                if (first.ForkId.Length > 0)
                {
                    foreach (var origin in first.Origins)
                    {
                        await forks.RemoveAsync(key with { ChatId = origin }, key.ChatId, first.ForkId).ConfigureAwait(false);
                    }
                }

                await heads.CommitAsync<bool>(key, latest =>
                {
                    var edit = heads.Edit(key, latest);
                    return Task.FromResult((edit.Head.Deleted.Remove(first) ? edit : null, true));
                }, isStep: false).ConfigureAwait(false);
            }
        }
    }

    // Records that name others are cleared after those, so that another server can continue if this one fails.
    private async Task ClearAsync(ChatKey key, ChatHead head, ChatHead.Types.Chat deleted)
    {
        var nodes = new List<(LogRef Node, int Level)>();
        var pages = new List<LogRef>();
        await foreach (var page in walk.PagesAsync(key, deleted.Levels, static _ => true, nodes: nodes, isTolerant: true).ConfigureAwait(false))
        {
            pages.Add(page);
        }

        var records = nodes.Select(node => new Candidate(LogRefs.NameOf(key, node.Node, node.Level), node.Node.Chat, LogRefs.SpanOf(node.Node)))
            .Concat(pages.Select(page => new Candidate(LogRefs.NameOf(key, page, 0), page.Chat, LogRefs.SpanOf(page))));
        var left = (await NotHeldAsync(key, head, deleted, records, withPayloads: false).ConfigureAwait(false)).ToHashSet();

        // The payloads of a page that a chat has are those of that chat.
        var gone = pages.Where(page => left.Contains(LogRefs.NameOf(key, page, 0))).ToList();
        var turns = (await RecordStorage.ForEachAsync(gone, page => TurnsOfAsync(key, page)).ConfigureAwait(false)).SelectMany(read => read).Concat(deleted.Tail);
        var payloads = await NotHeldAsync(key, head, deleted, turns.SelectMany(turn => PayloadsOf(key, turn)), withPayloads: true).ConfigureAwait(false);

        await sealedRecords.ClearAsync([.. payloads, .. LogRefs.NamesOf(key, deleted.Config), .. deleted.Tail.SelectMany(turn => turn.Progress).SelectMany(step => LogRefs.NamesOf(key, step))]).ConfigureAwait(false);
        await sealedRecords.ClearAsync([.. gone.Select(page => LogRefs.NameOf(key, page, 0))]).ConfigureAwait(false);
        foreach (var (node, level) in Enumerable.Reverse(nodes))
        {
            if (LogRefs.NameOf(key, node, level) is var name && left.Contains(name))
            {
                await sealedRecords.ClearAsync([name]).ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<Candidate> PayloadsOf(ChatKey key, LogTurn turn) =>
        new[] { turn.Input, turn.Outcome }.Where(static payload => payload is not null).SelectMany(payload => LogRefs.NamesOf(key, payload)
            .Select(name => new Candidate(name, payload.Chat, new SequenceRange(turn.Sequence, turn.Sequence))));

    private async Task<IReadOnlyList<LogTurn>> TurnsOfAsync(ChatKey key, LogRef page)
    {
        try
        {
            return await sealedRecords.ReadPageAsync(key, page).ConfigureAwait(false);
        }
        catch (RecordMissingException)
        {
            // It was cleared, after the records that it names.
            return [];
        }
    }

    // Returns the records that no chat has.
    private async Task<IReadOnlyList<RecordName>> NotHeldAsync(
        ChatKey key, ChatHead head, ChatHead.Types.Chat deleted, IEnumerable<Candidate> records, bool withPayloads)
    {
        var result = new List<RecordName>();
        foreach (var written in records.GroupBy(record => record.Chat))
        {
            var left = written.DistinctBy(record => record.Name).ToDictionary(record => record.Name);
            await foreach (var holder in HoldersAsync(key, head, deleted, LogRefs.OwnerOf(key, written.Key)).ConfigureAwait(false))
            {
                await RemoveHeldAsync(holder, left, withPayloads).ConfigureAwait(false);
                if (left.Count == 0)
                {
                    break;
                }
            }

            result.AddRange(left.Keys);
        }

        return result;
    }

    // The chats that might have records that a chat wrote. The chats that probably have most of them come first.
    private async IAsyncEnumerable<ChatKey> HoldersAsync(ChatKey key, ChatHead head, ChatHead.Types.Chat deleted, ChatKey writer)
    {
        if (head.Chat is not null)
        {
            yield return key;
        }

        if (writer != key)
        {
            yield return writer;
        }
        else if (!head.HasForks)
        {
            yield break;
        }

        foreach (var fork in await forks.ReadAsync(writer).ConfigureAwait(false))
        {
            var holder = writer with { ChatId = fork.ChatId };
            if (fork.Id == deleted.ForkId)
            {
                continue;
            }

            if (await IsThereAsync(holder, fork).ConfigureAwait(false))
            {
                yield return holder;
            }
            else
            {
                await forks.RemoveAsync(writer, fork.ChatId, fork.Id).ConfigureAwait(false);
            }
        }
    }

    // If the fork is just being created, or its server has failed, its head is changed. The write of that server then finds another head, and reads the
    // log of the source again.
    private async Task<bool> IsThereAsync(ChatKey key, ForksRecord.Types.Fork fork)
    {
        var found = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
        return found.Chat?.ForkId == fork.Id || (found.Commits <= fork.Commits && await heads.CommitAsync<bool>(
            key,
            head => Task.FromResult<(HeadEdit?, bool)>(
                head.Chat?.ForkId == fork.Id ? (null, true) : (head.Commits > fork.Commits ? null : heads.Edit(key, head), false)),
            isStep: false).ConfigureAwait(false));
    }

    private async Task RemoveHeldAsync(ChatKey holder, Dictionary<RecordName, Candidate> left, bool withPayloads)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                if ((await heads.ReadAsync(holder).ConfigureAwait(false)).Head.Chat is { } chat)
                {
                    await RemoveHeldAsync(holder, chat, left, withPayloads).ConfigureAwait(false);
                }

                return;
            }
            catch (RecordMissingException) when (tries < MaxTries)
            {
                // The chat has changed. It gets no record that it didn't have.
            }
        }
    }

    private async Task RemoveHeldAsync(ChatKey holder, ChatHead.Types.Chat chat, Dictionary<RecordName, Candidate> left, bool withPayloads)
    {
        if (left.Count == 0)
        {
            return;
        }

        IReadOnlyList<SequenceRange> span = [new SequenceRange(left.Values.Min(record => record.Span.First), left.Values.Max(record => record.Span.Last))];
        var nodes = new List<(LogRef Node, int Level)>();
        var pages = new List<LogRef>();
        await foreach (var page in walk.PagesAsync(holder, chat.Levels, page => span.Overlaps(LogRefs.SpanOf(page)), nodes: nodes).ConfigureAwait(false))
        {
            pages.Add(page);
        }

        foreach (var name in nodes.Select(node => LogRefs.NameOf(holder, node.Node, node.Level)).Concat(pages.Select(page => LogRefs.NameOf(holder, page, 0))))
        {
            left.Remove(name);
        }

        if (withPayloads)
        {
            var turns = await RecordStorage.ForEachAsync(pages, page => sealedRecords.ReadPageAsync(holder, page)).ConfigureAwait(false);
            foreach (var name in turns.SelectMany(read => read).Concat(chat.Tail).SelectMany(turn => LogRefs.NamesOf(holder, turn)))
            {
                left.Remove(name);
            }
        }
    }

    /// <summary>A record that several chats can have.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Chat">The ID of the chat that wrote it; empty if it is the one that gave it up.</param>
    /// <param name="Span">The numbers of the turns that it contains or belongs to.</param>
    private readonly record struct Candidate(RecordName Name, string Chat, SequenceRange Span);
}
