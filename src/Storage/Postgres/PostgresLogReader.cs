using GenAI.Chats.Storage.Postgres.Rows;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>
/// Reads pages of turns. It expects that the chat has all of its own log, and that the path is known or the chat has no tree, and reads the page in one
/// round trip. Otherwise, it reads again, with what it has found out.
/// </summary>
internal static class PostgresLogReader
{
    /// <inheritdoc cref="IChatStore.ReadLogAsync" />
    public static async Task<LogPage?> ReadAsync(PostgresSession session, ChatKey key, LogRange range)
    {
        var parts = new VisibleLog(0, []).In(range, tree: null);
        var count = LogRows.Count(parts, 0, range.MaxTurns);
        var batch = session.BeginRead();
        var found = ChatRows.FindLog(batch, key);
        var turns = LogRows.ReadOwn(batch, key, range, parts[..count]);
        await session.CommitAsync(batch).ConfigureAwait(false);
        if (found.First is not { } chat || (range.Incarnation is not null && range.Incarnation != chat.Incarnation))
        {
            return null;
        }

        var isPathKnown = chat.Tree is null || range.Path is not null || range.Scope is not LogScope.Path;
        var hasMore = turns.Any && turns.All[^1].HasNext;
        return chat.BaseSequence is null && isPathKnown && (hasMore || count == parts.Count)
            ? new LogPage([.. turns.All.Select(row => row.Turn)], chat.Revision, hasMore, chat.Incarnation, chat.Tree)
            : await ReadPartsAsync(session, key, range).ConfigureAwait(false);
    }

    private static async Task<LogPage?> ReadPartsAsync(PostgresSession session, ChatKey key, LogRange range)
    {
        var batch = session.BeginRead();
        var found = ChatRows.FindLog(batch, key);
        var ranges = RangeRows.Read(batch, key);
        await session.RunAsync(batch).ConfigureAwait(false);

        var page = new LogPageBuilder(range);
        var chat = range.Incarnation is null || range.Incarnation == found.First?.Incarnation ? found.First : null;
        var hasMore = false;
        if (chat is not null)
        {
            var parts = new VisibleLog(chat.Id, ranges.All).In(range, chat.Tree);
            for (var next = 0; next < parts.Count && !hasMore;)
            {
                var count = LogRows.Count(parts, next, range.MaxTurns);
                batch = session.Batch();
                var turns = LogRows.Read(batch, range, parts.GetRange(next, count), page);
                await session.RunAsync(batch).ConfigureAwait(false);
                hasMore = AddTo(page, turns.All, chat.BaseSequence);
                next += count;
            }
        }

        await session.CommitAsync(session.Batch()).ConfigureAwait(false);
        return chat is null ? null : page.Build(chat.Revision, chat.Incarnation, chat.Tree, hasMore);
    }

    private static bool AddTo(LogPageBuilder page, List<(TurnRecord Turn, bool HasNext)> turns, long? baseSequence)
    {
        foreach (var (turn, hasNext) in turns)
        {
            if (page.IsFull)
            {
                return true;
            }

            page.Add(VisibleLog.Of(turn, baseSequence));
            if (hasNext && page.IsFull)
            {
                return true;
            }
        }

        return turns.Count > 0 && turns[^1].HasNext;
    }
}
