namespace GenAI.Chats.Engine.History;

/// <summary>Reads a page of a chat's history from its log.</summary>
/// <param name="key">The chat.</param>
/// <param name="store">The store.</param>
/// <param name="path">The path that is read. Null: the path to the head.</param>
/// <param name="request">The request.</param>
internal sealed class HistoryPager(ChatKey key, IChatStore store, IReadOnlyList<SequenceRange>? path, GetHistoryRequest request)
{
    /// <summary>The maximum size of a reply, in bytes: by default, clients accept 4 MiB at most. A single content may be larger.</summary>
    public const int MaxReplyBytes = 3_500_000;

    private const int TurnsPerRead = 200;

    private readonly GetHistoryResponse _reply = new();
    private readonly Exchanges _exchanges = new();
    private long _bytes;

    /// <summary>Returns the page that the request asks for. Null if there is no such chat.</summary>
    /// <exception cref="ChatException">The page token is invalid for this chat and kind of history.</exception>
    public async Task<GetHistoryResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        var start = HistoryToken.Parse(request.PageToken, key, request.Curated);
        var at = start;
        while (true)
        {
            var page = await ReadAsync(at, cancellationToken);
            if (page is null)
            {
                return null;
            }

            // The turn may have been erased since it was found.
            if (request.Revision > 0 && new HistoryTree(page.Tree, page.Revision).RangeOf(request.Revision) is null)
            {
                throw ChatErrors.RevisionNotFound(request.Revision, "revision");
            }

            // The head may have moved to another branch since the page before.
            if (request.PageToken.Length > 0 && !(path ?? ChatPaths.ToHead(page.Tree)).Any(range => range.Contains(start.Sequence)))
            {
                throw ChatErrors.PageToken();
            }

            _reply.Revision = page.Revision;
            foreach (var turn in page.Turns)
            {
                foreach (var next in request.Curated ? _exchanges.Next(turn) : [turn])
                {
                    if (Add(next, next.Sequence == start.Sequence ? start.Index : 0) is { } index)
                    {
                        _reply.NextPageToken = new HistoryToken(next.Sequence, index, page.Incarnation).ToString(key, request.Curated);
                        return _reply;
                    }
                }
            }

            if (!page.HasMore)
            {
                return _reply;
            }

            at = new HistoryToken(page.Turns[^1].Sequence + 1, 0, page.Incarnation);
        }
    }

    // The token of a deleted chat is invalid for a new chat with the same name.
    private async Task<LogPage?> ReadAsync(HistoryToken at, CancellationToken cancellationToken)
    {
        var range = new LogRange(at.Sequence - 1, TurnsPerRead, MaxReplyBytes, at.Incarnation) { Path = path, Curated = request.Curated };
        var page = await store.ReadLogAsync(key, range, cancellationToken);
        return page is null && at.Incarnation is not null && await store.ReadLogAsync(key, range with { MaxTurns = 1, Incarnation = null }, cancellationToken) is not null
            ? throw ChatErrors.PageToken()
            : page;
    }

    // Adds a turn's contents from an index on. Returns the index at which the next page starts, if not all contents fit.
    private int? Add(TurnRecord turn, int from)
    {
        var index = -1;
        foreach (var (content, curated) in CuratedHistory.Contents(request.Curated ? turn with { Curated = true } : turn))
        {
            if (++index < from || (request.Curated && !curated))
            {
                continue;
            }

            var size = content.CalculateSize();
            var full = request.PageSize > 0 && _reply.History.Count == request.PageSize;
            if (full || (_reply.History.Count > 0 && _bytes + size > MaxReplyBytes))
            {
                return index;
            }

            _reply.History.Add(content);
            _bytes += size;
        }

        return null;
    }
}
