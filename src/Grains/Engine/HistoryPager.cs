using GenAI.Chats.Grains.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <summary>Reads a page of a chat's contents from its log.</summary>
internal sealed class HistoryPager(ChatKey key, IChatStore store, GetHistoryRequest request)
{
    /// <summary>How large a reply may be: clients take 4 MiB at most unless told otherwise. One content alone may be larger.</summary>
    private const int MaxReplyBytes = 3_500_000;

    private const int TurnsPerRead = 200;

    private readonly GetHistoryResponse _reply = new();
    private long _bytes;

    /// <summary>The page that the request asks for, or null when there is no such chat.</summary>
    /// <exception cref="ChatException">The page token is none of this chat's and this kind of history.</exception>
    public async Task<GetHistoryResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        var at = HistoryToken.Parse(request.PageToken, key, request.Curated);
        while (true)
        {
            var page = await store.ReadLogAsync(key, new LogRange(at.Sequence - 1, TurnsPerRead, MaxReplyBytes), cancellationToken);
            if (page is null)
            {
                return null;
            }

            _reply.Revision = page.Revision;
            foreach (var turn in page.Turns)
            {
                if (Add(turn, turn.Sequence == at.Sequence ? at.Index : 0) is { } next)
                {
                    _reply.NextPageToken = next.ToString(key, request.Curated);
                    return _reply;
                }

                at = new HistoryToken(turn.Sequence + 1, 0);
            }

            if (!page.HasMore)
            {
                return _reply;
            }
        }
    }

    // Adds a turn's contents from an index on. Returns where the next page starts when not all fit.
    private HistoryToken? Add(TurnRecord turn, int from)
    {
        var index = -1;
        foreach (var (content, curated) in CuratedHistory.Contents(turn))
        {
            if (++index < from || (request.Curated && !curated))
            {
                continue;
            }

            var size = content.CalculateSize();
            var full = request.PageSize > 0 && _reply.History.Count == request.PageSize;
            if (full || (_reply.History.Count > 0 && _bytes + size > MaxReplyBytes))
            {
                return new HistoryToken(turn.Sequence, index);
            }

            _reply.History.Add(content);
            _bytes += size;
        }

        return null;
    }
}
