using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage.Heads;
using GenAI.Chats.Storage.GrainStorage.Pages;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.Storage.Records;
using Google.Protobuf.Collections;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Searches and reads a chat's log from its head: index nodes and pages from the first level down, then the tail.</summary>
internal sealed class ChatLog(SealedRecords sealedRecords)
{
    // The number of pages that are read at once.
    private const int MaxReadAhead = 8;

    // The approximate number of turns in a page.
    private const int PageTurnsGuess = 8;

    /// <summary>Finds a turn by its ID, or returns null. Reads the index nodes, which are cached, and the pages that have the hash of the ID.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public Task<LogTurn?> FindTurnAsync(ChatKey key, ChatHead.Types.Chat chat, string turnId) =>
        turnId.Length == 0 ? Task.FromResult<LogTurn?>(null) : FindAsync(key, chat, turn => turn.TurnId == turnId, IdHashes.OfTurn(turnId));

    /// <summary>Finds the turn that has a request ID, or returns null.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public Task<LogTurn?> FindRequestAsync(ChatKey key, ChatHead.Types.Chat chat, string requestId) => requestId.Length == 0
        ? Task.FromResult<LogTurn?>(null)
        : FindAsync(key, chat, turn => turn.RequestId == requestId, IdHashes.OfRequest(requestId));

    /// <summary>Reads a range of the log.</summary>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task<LogPage> ReadAsync(ChatKey key, ChatHead.Types.Chat chat, LogRange range, CancellationToken cancellationToken)
    {
        var turns = new List<LogTurn>();
        var bytes = 0L;
        var hasMore = false;
        await foreach (var turn in TurnsAfterAsync(key, chat, range, cancellationToken).ConfigureAwait(false))
        {
            hasMore = turns.Count == range.MaxTurns || (turns.Count > 0 && bytes >= range.MaxBytes);
            if (hasMore)
            {
                break;
            }

            turns.Add(turn);
            bytes += turn.Input.Size + (turn.Outcome?.Size ?? 0);
        }

        var read = await RecordStorage.ForEachAsync(turns, turn => sealedRecords.ReadTurnAsync(key, turn), cancellationToken).ConfigureAwait(false);
        return new LogPage(read, chat.Revision, hasMore, chat.Incarnation);
    }

    /// <summary>Changes turns in pages: writes new pages and index nodes, which the changed head names.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="edit">The change of the head.</param>
    /// <param name="sequences">The numbers of the turns. Turns in the tail are changed there.</param>
    /// <param name="change">Changes a turn.</param>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task AmendAsync(ChatKey key, HeadEdit edit, IReadOnlyCollection<long> sequences, Action<LogTurn> change)
    {
        foreach (var turn in edit.Chat.Tail.Where(turn => sequences.Contains(turn.Sequence)))
        {
            change(turn);
        }

        for (var level = 0; level < edit.Chat.Levels.Count; level++)
        {
            await AmendAsync(key, edit, edit.Chat.Levels[level].Refs, level, sequences, change).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the names of all records of a deleted chat, in the order in which they must be cleared. Records that name others come last, so that
    /// another server can continue if this one fails.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<RecordName>>> NamesAsync(ChatKey key, ChatHead.Types.Chat chat)
    {
        List<RecordName> payloads = [.. NamesOf(key, chat.Config), .. chat.Tail.SelectMany(turn => NamesOf(key, turn))];
        List<RecordName> nodes = [];
        List<LogRef> leaves = [];
        await foreach (var leaf in LeavesAsync(key, chat, 0, static _ => true, nodes).ConfigureAwait(false))
        {
            leaves.Add(leaf);
        }

        payloads.AddRange((await RecordStorage.ForEachAsync(leaves, PayloadsAsync).ConfigureAwait(false)).SelectMany(names => names));
        nodes.Reverse();
        return [payloads, [.. leaves.Select(leaf => RecordName.OfChat(RecordName.Page, key, leaf.Record))], .. nodes.Select(name => new[] { name })];

        async Task<IEnumerable<RecordName>> PayloadsAsync(LogRef leaf)
        {
            try
            {
                return (await sealedRecords.ReadPageAsync(key, leaf).ConfigureAwait(false)).Turns.SelectMany(turn => NamesOf(key, turn)).ToList();
            }
            catch (RecordMissingException)
            {
                return [];
            }
        }
    }

    private static IEnumerable<RecordName> NamesOf(ChatKey key, Payload? payload) => payload is not { Record.Length: > 0 }
        ? []
        : Enumerable.Range(0, payload.Parts).Select(part => RecordName.PartOf(key, payload.Record, part));

    private static IEnumerable<RecordName> NamesOf(ChatKey key, LogTurn turn) =>
        [.. NamesOf(key, turn.Input), .. NamesOf(key, turn.Outcome), .. turn.Progress.SelectMany(step => NamesOf(key, step))];

    private async Task<LogTurn?> FindAsync(ChatKey key, ChatHead.Types.Chat chat, Func<LogTurn, bool> match, ulong hash)
    {
        if (chat.Tail.LastOrDefault(match) is { } recent)
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
            var page = await sealedRecords.ReadPageAsync(key, leaf).ConfigureAwait(false);
            if (page.Turns.FirstOrDefault(match) is { } turn)
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
            var children = (await sealedRecords.ReadNodeAsync(key, node).ConfigureAwait(false)).Refs;
            return await LeavesWithAsync(key, children, level - 1, hash).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return leaves.SelectMany(found => found);
    }

    private async IAsyncEnumerable<LogTurn> TurnsAfterAsync(
        ChatKey key, ChatHead.Types.Chat chat, LogRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ahead = Math.Clamp(range.MaxTurns / PageTurnsGuess, 1, MaxReadAhead);
        var leaves = new List<LogRef>();
        await foreach (var leaf in LeavesAsync(key, chat, range.AfterSequence, MayHaveWanted).ConfigureAwait(false))
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

        foreach (var turn in chat.Tail.Where(IsWanted))
        {
            yield return turn;
        }

        async Task<IEnumerable<LogTurn>> ReadLeavesAsync(List<LogRef> some)
        {
            var pages = await RecordStorage.ForEachAsync(some, leaf => sealedRecords.ReadPageAsync(key, leaf), cancellationToken).ConfigureAwait(false);
            return pages.SelectMany(page => page.Turns).Where(IsWanted);
        }

        bool MayHaveWanted(LogRef page) => (range.Whole || page.Recorded > 0) && !(range.Curated && page is { HasCurated: true, Curated: 0 });

        bool IsWanted(LogTurn turn) =>
            turn.Sequence > range.AfterSequence && (range.Whole || TurnMapping.IsRecorded(turn)) && (turn.Curated || !range.Curated);
    }

    private async IAsyncEnumerable<LogRef> LeavesAsync(
        ChatKey key, ChatHead.Types.Chat chat, long after, Func<LogRef, bool> wanted, List<RecordName>? nodes = null)
    {
        var pending = new Stack<(LogRef Ref, int Level)>();
        for (var level = 0; level < chat.Levels.Count; level++)
        {
            Push(chat.Levels[level].Refs, level);
        }

        while (pending.TryPop(out var next))
        {
            if (next.Level == 0)
            {
                yield return next.Ref;
                continue;
            }

            nodes?.Add(RecordName.OfChat(RecordName.IndexNode, key, next.Ref.Record));
            IndexNodeRecord? node = null;
            try
            {
                node = await sealedRecords.ReadNodeAsync(key, next.Ref).ConfigureAwait(false);
            }
            catch (RecordMissingException) when (nodes is not null)
            {
                // It was cleared, after the records that it names.
            }

            Push(node?.Refs ?? [], next.Level - 1);
        }

        void Push(IEnumerable<LogRef> refs, int level)
        {
            foreach (var page in refs.Reverse().Where(page => page.FirstSequence + page.Turns > after + 1 && wanted(page)))
            {
                pending.Push((page, level));
            }
        }
    }

    private async Task<bool> AmendAsync(
        ChatKey key, HeadEdit edit, RepeatedField<LogRef> refs, int level, IReadOnlyCollection<long> sequences, Action<LogTurn> change)
    {
        var isChanged = false;
        for (var i = 0; i < refs.Count; i++)
        {
            var old = refs[i];
            if (!sequences.Any(sequence => sequence >= old.FirstSequence && sequence < old.FirstSequence + old.Turns))
            {
                continue;
            }

            if (level > 0)
            {
                var node = edit.Find<IndexNodeRecord>(old) ?? await sealedRecords.ReadNodeAsync(key, old).ConfigureAwait(false);
                var children = node.Refs.Clone();
                if (await AmendAsync(key, edit, children, level - 1, sequences, change).ConfigureAwait(false))
                {
                    refs[i] = edit.Replace(old, RecordName.IndexNode, null, children);
                    isChanged = true;
                }

                continue;
            }

            var page = edit.Find<PageRecord>(old) ?? await sealedRecords.ReadPageAsync(key, old).ConfigureAwait(false);
            var changed = page.Clone();
            foreach (var turn in changed.Turns.Where(turn => sequences.Contains(turn.Sequence)))
            {
                change(turn);
            }

            if (!changed.Equals(page))
            {
                refs[i] = edit.Replace(old, RecordName.Page, changed.Turns, null);
                isChanged = true;
            }
        }

        return isChanged;
    }
}
