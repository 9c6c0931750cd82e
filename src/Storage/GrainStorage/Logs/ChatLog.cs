using System.Runtime.CompilerServices;

namespace GenAI.Chats.Storage.GrainStorage.Logs;

/// <summary>Searches and reads a chat's log from its head: index nodes and pages from the first level down, then the tail.</summary>
internal sealed class ChatLog(SealedRecords sealedRecords, LogWalk walk)
{
    // The number of pages that are read at once.
    private const int MaxReadAhead = 8;

    // The approximate number of turns in a page.
    private const int PageTurnsGuess = 8;

    /// <summary>
    /// Finds a turn by its ID, even if it was erased, or returns null. Reads the index nodes, which are cached, and the pages that have the hash of the ID.
    /// </summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public Task<LogTurn?> FindTurnAsync(ChatKey key, ChatHead.Types.Chat chat, string turnId) =>
        turnId.Length == 0 ? Task.FromResult<LogTurn?>(null) : FindAsync(key, chat, turn => turn.TurnId == turnId, IdHashes.OfTurn(turnId));

    /// <summary>Finds the turn that has a request ID, even if it was erased, or returns null. Turns from the source of a fork aren't found.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public Task<LogTurn?> FindRequestAsync(ChatKey key, ChatHead.Types.Chat chat, string requestId) => requestId.Length == 0
        ? Task.FromResult<LogTurn?>(null)
        : FindAsync(key, chat, turn => turn.RequestId == requestId && turn.Sequence > chat.BaseSequence, IdHashes.OfRequest(requestId));

    /// <summary>Finds the recorded turn that has a revision, or returns null. Reads the index nodes, and pages by binary search.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task<LogTurn?> FindRevisionAsync(ChatKey key, ChatHead.Types.Chat chat, long revision, SequenceRange range)
    {
        if (chat.Tail.FirstOrDefault(IsIt) is { } recent)
        {
            return recent;
        }

        IReadOnlyList<SequenceRange> ranges = [range];
        var pages = new List<LogRef>();
        await foreach (var page in walk.PagesAsync(key, chat.Levels, page => page.Recorded > 0 && ranges.Overlaps(LogRefs.SpanOf(page))).ConfigureAwait(false))
        {
            pages.Add(page);
        }

        // The revisions of recorded turns increase with their numbers. Those of the initial history are 0.
        var (low, high) = (0, pages.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var turns = (await sealedRecords.ReadPageAsync(key, pages[middle]).ConfigureAwait(false)).Where(TurnMapping.IsRecorded).ToList();
            if (turns.Find(IsIt) is { } found)
            {
                return found;
            }

            (low, high) = turns[^1].Revision < revision ? (middle + 1, high) : (low, middle - 1);
        }

        return null;

        bool IsIt(LogTurn turn) => turn.Revision == revision && revision > 0 && TurnMapping.IsRecorded(turn) && range.Contains(turn.Sequence);
    }

    /// <summary>Reads a range of the log.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task<LogPage> ReadAsync(ChatKey key, ChatHead.Types.Chat chat, LogRange range, CancellationToken cancellationToken)
    {
        var turns = new List<LogTurn>();
        var bytes = 0L;
        var hasMore = false;
        await foreach (var turn in TurnsAsync(key, chat, range, cancellationToken).ConfigureAwait(false))
        {
            hasMore = turns.Count == range.MaxTurns || (turns.Count > 0 && bytes >= range.MaxBytes);
            if (hasMore)
            {
                break;
            }

            turns.Add(turn);
            bytes += turn.Input.Size + (turn.Outcome?.Size ?? 0);
        }

        var read = await RecordStorage.ForEachAsync(turns, turn => ReadTurnAsync(key, chat, turn), cancellationToken).ConfigureAwait(false);
        return new LogPage(read, chat.Revision, hasMore, chat.Incarnation, chat.Tree?.Clone());
    }

    /// <summary>Reads the payloads of a turn, with or without its input. Turns from the source of a fork have no request ID.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task<TurnRecord> ReadTurnAsync(ChatKey key, ChatHead.Types.Chat chat, LogTurn turn, bool withInput = true)
    {
        var read = await sealedRecords.ReadTurnAsync(key, turn, withInput).ConfigureAwait(false);
        return turn.Sequence > chat.BaseSequence ? read : read with { RequestId = "" };
    }

    private async Task<LogTurn?> FindAsync(ChatKey key, ChatHead.Types.Chat chat, Func<LogTurn, bool> match, ulong hash)
    {
        if (chat.Tail.FirstOrDefault(match) is { } recent)
        {
            return recent;
        }

        // All nodes are needed to know that no turn has the ID, so nodes that aren't cached are read together.
        var leaves = new List<LogRef>();
        for (var level = 0; level < chat.Levels.Count; level++)
        {
            leaves.AddRange(await LeavesWithAsync(key, chat.Levels[level].Refs, level, hash).ConfigureAwait(false));
        }

        foreach (var leaf in leaves)
        {
            var turns = await sealedRecords.ReadPageAsync(key, leaf).ConfigureAwait(false);
            if (turns.FirstOrDefault(match) is { } turn)
            {
                return turn;
            }
        }

        return null;
    }

    private async Task<IEnumerable<LogRef>> LeavesWithAsync(ChatKey key, IReadOnlyList<LogRef> refs, int level, ulong hash)
    {
        if (level == 0)
        {
            return refs.Where(page => page.Hashes.Contains(hash));
        }

        var leaves = await RecordStorage.ForEachAsync(refs, async node =>
        {
            var children = await sealedRecords.ReadNodeAsync(key, node).ConfigureAwait(false);
            return await LeavesWithAsync(key, children, level - 1, hash).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return leaves.SelectMany(found => found);
    }

    private async IAsyncEnumerable<LogTurn> TurnsAsync(
        ChatKey key, ChatHead.Types.Chat chat, LogRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bounds = new SequenceRange(range.AfterSequence + 1, range.BeforeSequence - 1);
        IReadOnlyList<SequenceRange> path = range.Scope is LogScope.Path ? range.Path ?? ChatPaths.ToHead(chat.Tree) : [SequenceRange.All];
        var wanted = path.Intersect([bounds]);
        if (range.NewestFirst)
        {
            foreach (var turn in chat.Tail.Reverse().Where(IsWanted))
            {
                yield return turn;
            }
        }

        var ahead = Math.Clamp(range.MaxTurns / PageTurnsGuess, 1, MaxReadAhead);
        var leaves = new List<LogRef>();
        await foreach (var leaf in walk.PagesAsync(key, chat.Levels, MayHaveWanted, range.NewestFirst).ConfigureAwait(false))
        {
            leaves.Add(leaf);
            if (leaves.Count == ahead)
            {
                foreach (var turn in await ReadLeavesAsync(leaves).ConfigureAwait(false))
                {
                    yield return turn;
                }

                leaves.Clear();
            }
        }

        foreach (var turn in await ReadLeavesAsync(leaves).ConfigureAwait(false))
        {
            yield return turn;
        }

        if (!range.NewestFirst)
        {
            foreach (var turn in chat.Tail.Where(IsWanted))
            {
                yield return turn;
            }
        }

        async Task<IEnumerable<LogTurn>> ReadLeavesAsync(List<LogRef> some)
        {
            var pages = await RecordStorage.ForEachAsync(some, leaf => sealedRecords.ReadPageAsync(key, leaf), cancellationToken).ConfigureAwait(false);
            return pages.SelectMany(page => range.NewestFirst ? page.Reverse() : page).Where(IsWanted);
        }

        bool MayHaveWanted(LogRef page) =>
            (range.Scope is LogScope.Whole || page.Recorded > 0) && !(range.Curated && page is { HasCurated: true, Curated: 0 }) && wanted.Overlaps(LogRefs.SpanOf(page));

        bool IsWanted(LogTurn turn) =>
            !turn.Erased && (range.Scope is LogScope.Whole || TurnMapping.IsRecorded(turn)) && (turn.Curated || !range.Curated)
            && wanted.Includes(turn.Sequence);
    }
}
