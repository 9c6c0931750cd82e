using Google.Protobuf.Collections;

namespace GenAI.Chats.Storage.GrainStorage.Logs;

/// <summary>Changes turns in pages: writes new pages and index nodes, which the changed head names.</summary>
internal sealed class LogEdits(SealedRecords sealedRecords)
{
    private enum Fate
    {
        Stays,
        Changes,
        Goes,
    }

    /// <summary>Changes some turns.</summary>
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

        await RewriteAsync(key, edit, new Rewrite(
            page => sequences.Any(LogRefs.SpanOf(page).Contains) ? Fate.Changes : Fate.Stays,
            turns => turns.Select(turn =>
            {
                if (sequences.Contains(turn.Sequence))
                {
                    change(turn = turn.Clone());
                }

                return turn;
            }),
            edit.Release)).ConfigureAwait(false);
    }

    /// <summary>Erases turns. The chat's own turns keep their IDs. Called before other changes of the log.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="edit">The change of the head.</param>
    /// <param name="keeps">The parts of the log that remain.</param>
    /// <exception cref="RecordMissingException">The head is outdated.</exception>
    public async Task EraseAsync(ChatKey key, HeadEdit edit, IReadOnlyList<SequenceRange> keeps)
    {
        var chat = edit.Chat;
        HeadMapping.SetRanges(chat, HeadMapping.RangesOf(chat).Erased(keeps, chat.LastSequence + 1));
        var tail = Erased(chat.Tail, edit.Drop).ToList();
        chat.Tail.Clear();
        chat.Tail.Add(tail);

        // A page that changes is dropped with all that it names, except what the changed page names.
        var before = chat.Levels.Select(level => level.Refs.ToList()).ToList();
        await RewriteAsync(key, edit, new Rewrite(
            page => keeps.Covers([LogRefs.SpanOf(page)]) ? Fate.Stays : LogRefs.LastOf(page) <= chat.BaseSequence && !keeps.Overlaps(LogRefs.SpanOf(page)) ? Fate.Goes : Fate.Changes,
            turns => Erased(turns, static _ => { }),
            static (_, _) => { })).ConfigureAwait(false);
        for (var level = 0; level < before.Count; level++)
        {
            foreach (var page in before[level].Except(chat.Levels[level].Refs))
            {
                edit.Drop(page, level);
            }
        }

        IEnumerable<LogTurn> Erased(IEnumerable<LogTurn> turns, Action<LogTurn> drop)
        {
            foreach (var turn in turns)
            {
                if (turn.Erased || keeps.Includes(turn.Sequence))
                {
                    yield return turn;
                    continue;
                }

                drop(turn);
                if (turn.Sequence > chat.BaseSequence && turn.TurnId.Length > 0)
                {
                    yield return TurnMapping.Erased(turn);
                }
            }
        }
    }

    /// <summary>Sets the log of a new fork: that of its source, up to the end of a path. Pages that are entirely on the path are shared.</summary>
    /// <param name="key">The fork.</param>
    /// <param name="edit">The change of its head.</param>
    /// <param name="source">The source.</param>
    /// <param name="log">Its head.</param>
    /// <param name="path">The path.</param>
    /// <exception cref="RecordMissingException">The head of the source is outdated.</exception>
    public async Task ForkAsync(ChatKey key, HeadEdit edit, ChatKey source, ChatHead.Types.Chat log, IReadOnlyList<SequenceRange> path)
    {
        var chat = edit.Chat;
        chat.LastSequence = chat.BaseSequence = path.Count == 0 ? 0 : path[^1].Last;
        HeadMapping.SetRanges(chat, [.. path, new SequenceRange(chat.BaseSequence + 1, long.MaxValue)]);
        chat.Origins.Add(log.Origins.Append(source.ChatId).Distinct(StringComparer.Ordinal));
        chat.Levels.Add(log.Levels.Select(level => new ChatHead.Types.Level { Refs = { LogRefs.From(level.Refs, source.ChatId) } }));
        chat.Tail.Add(Forked(LogRefs.From(log.Tail, source.ChatId)));
        await RewriteAsync(key, edit, new Rewrite(
            page => path.Covers([LogRefs.SpanOf(page)]) ? Fate.Stays : path.Overlaps(LogRefs.SpanOf(page)) ? Fate.Changes : Fate.Goes,
            Forked,
            static (_, _) => { })).ConfigureAwait(false);

        IEnumerable<LogTurn> Forked(IEnumerable<LogTurn> turns) => turns.Where(turn => !turn.Erased && !TurnMapping.IsPending(turn) && path.Includes(turn.Sequence));
    }

    private async Task RewriteAsync(ChatKey key, HeadEdit edit, Rewrite rewrite)
    {
        for (var level = 0; level < edit.Chat.Levels.Count; level++)
        {
            await RewriteAsync(key, edit, edit.Chat.Levels[level].Refs, level, rewrite).ConfigureAwait(false);
        }
    }

    private async Task<bool> RewriteAsync(ChatKey key, HeadEdit edit, RepeatedField<LogRef> refs, int level, Rewrite rewrite)
    {
        await ReadAheadAsync(key, edit, [.. refs.Where(page => rewrite.FateOf(page) is Fate.Changes)], level).ConfigureAwait(false);
        var isChanged = false;
        for (var i = 0; i < refs.Count; i++)
        {
            var old = refs[i];
            if (rewrite.FateOf(old) is Fate.Stays)
            {
                continue;
            }

            var changed = rewrite.FateOf(old) is Fate.Goes ? null
                : level > 0 ? await RewriteNodeAsync(key, edit, old, level, rewrite).ConfigureAwait(false)
                : await RewritePageAsync(key, edit, old, rewrite).ConfigureAwait(false);
            if (changed == old)
            {
                continue;
            }

            isChanged = true;
            if (changed is null)
            {
                refs.RemoveAt(i--);
            }
            else
            {
                refs[i] = changed;
            }
        }

        return isChanged;
    }

    private async Task<LogRef?> RewriteNodeAsync(ChatKey key, HeadEdit edit, LogRef old, int level, Rewrite rewrite)
    {
        var made = edit.FindNode(old);
        var children = new RepeatedField<LogRef> { made ?? await sealedRecords.ReadNodeAsync(key, old).ConfigureAwait(false) };
        if (!await RewriteAsync(key, edit, children, level - 1, rewrite).ConfigureAwait(false))
        {
            return old;
        }

        if (made is null)
        {
            rewrite.Release(old, level);
        }

        return children.Count == 0 ? null : edit.Replace(old, (IReadOnlyList<LogRef>)children);
    }

    private async Task<LogRef?> RewritePageAsync(ChatKey key, HeadEdit edit, LogRef old, Rewrite rewrite)
    {
        var made = edit.FindPage(old);
        var turns = made ?? await sealedRecords.ReadPageAsync(key, old).ConfigureAwait(false);
        var changed = rewrite.Change(turns).ToList();
        if (changed.SequenceEqual(turns))
        {
            return old;
        }

        if (made is null)
        {
            rewrite.Release(old, 0);
        }

        return changed.Count == 0 ? null : edit.Replace(old, changed);
    }

    // Then they are in the cache.
    private async Task ReadAheadAsync(ChatKey key, HeadEdit edit, IReadOnlyList<LogRef> refs, int level)
    {
        if (refs.Count > 1)
        {
            await RecordStorage.ForEachAsync(refs, async page => level == 0
                ? edit.FindPage(page) is null && (await sealedRecords.ReadPageAsync(key, page).ConfigureAwait(false)).Count > 0
                : edit.FindNode(page) is null && (await sealedRecords.ReadNodeAsync(key, page).ConfigureAwait(false)).Count > 0).ConfigureAwait(false);
        }
    }

    /// <summary>A change of pages.</summary>
    /// <param name="FateOf">What happens to a page, or to an index node.</param>
    /// <param name="Change">Returns the changed turns of a page. It doesn't change the given turns.</param>
    /// <param name="Release">Called for each page and index node that was replaced, with its level.</param>
    private sealed record Rewrite(Func<LogRef, Fate> FateOf, Func<IReadOnlyList<LogTurn>, IEnumerable<LogTurn>> Change, Action<LogRef, int> Release);
}
