namespace GenAI.Chats.Engine.History;

/// <summary>Reads a page of a chat's turns from its log.</summary>
/// <param name="key">The chat.</param>
/// <param name="store">The store.</param>
/// <param name="chat">The chat's head.</param>
/// <param name="path">The path to list. Null: the path to the head.</param>
/// <param name="request">The request.</param>
internal sealed class TurnPager(ChatKey key, IChatStore store, ChatRecord chat, IReadOnlyList<SequenceRange>? path, ListTurnsRequest request)
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 1000;

    private readonly ListTurnsResponse _reply = new();
    private readonly TurnViews _views = new(key, store, chat);
    private long _bytes;

    private LogScope Scope => request.IncludeUnrecorded ? LogScope.Whole : request.AllBranches ? LogScope.Branches : LogScope.Path;

    private string List => $"turns:{request.NewestFirst}:{Scope}:{(request.HasRevision ? request.Revision : -1)}:{key}";

    /// <summary>Returns the page that the request asks for. Null if there is no such chat.</summary>
    /// <exception cref="ChatException">The page token is invalid for this chat and list.</exception>
    /// <exception cref="ChatConflictException">Turns of the head's tree were erased. Read the head again.</exception>
    public async Task<ListTurnsResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        var size = request.PageSize == 0 ? DefaultPageSize : Math.Min(request.PageSize, MaxPageSize);
        var last = ParseToken();
        while (true)
        {
            var range = new LogRange(request.NewestFirst ? 0 : last ?? 0, size, HistoryPager.MaxReplyBytes, chat.Incarnation)
            {
                BeforeSequence = request.NewestFirst ? last ?? long.MaxValue : long.MaxValue,
                NewestFirst = request.NewestFirst,
                Scope = Scope,
                Path = path ?? ChatPaths.ToHead(chat.Tree),
            };
            if (await store.ReadLogAsync(key, range, cancellationToken) is not { } page)
            {
                return null;
            }

            if (!new HistoryTree(page.Tree, page.Revision).HasAllOf(new HistoryTree(chat.Tree, chat.Revision)))
            {
                throw new ChatConflictException("Turns were erased while they were read.");
            }

            _reply.Revision = chat.Revision;
            foreach (var turn in page.Turns)
            {
                // Turns that were recorded since the head was read have no place in its tree. The whole log also has pending turns and moves of the head.
                if (turn is { TurnId.Length: > 0, IsPending: false, Input.Move: null } && turn.Revision <= chat.Revision && !await TryAddAsync(turn, size, cancellationToken))
                {
                    _reply.NextPageToken = PageToken.Write($"{last}.{chat.Incarnation}", List);
                    return _reply;
                }

                last = turn.Sequence;
            }

            if (!page.HasMore)
            {
                return _reply;
            }
        }
    }

    private async ValueTask<bool> TryAddAsync(TurnRecord turn, int size, CancellationToken cancellationToken)
    {
        if (_reply.Turns.Count == size)
        {
            return false;
        }

        var view = await _views.OfAsync(turn, request.View is TurnView.Full, cancellationToken);
        var bytes = view.CalculateSize();
        if (_reply.Turns.Count > 0 && _bytes + bytes > HistoryPager.MaxReplyBytes)
        {
            return false;
        }

        _reply.Turns.Add(view);
        _bytes += bytes;
        return true;
    }

    // The number of the last turn of the page before.
    private long? ParseToken()
    {
        if (request.PageToken.Length == 0)
        {
            return null;
        }

        return PageToken.Read(request.PageToken, List).Split('.') is [var turn, var incarnation]
            && long.TryParse(turn, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && incarnation == chat.Incarnation
            && (request.AllBranches || (path ?? ChatPaths.ToHead(chat.Tree)).Any(range => range.Contains(sequence)))
            ? sequence
            : throw ChatErrors.PageToken();
    }
}
