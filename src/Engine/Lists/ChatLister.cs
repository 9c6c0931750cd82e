namespace GenAI.Chats.Engine.Lists;

/// <summary>Lists tenants' chats from the store.</summary>
public sealed class ChatLister
{
    /// <summary>The default page size.</summary>
    internal const int DefaultPageSize = 50;

    /// <summary>The maximum page size.</summary>
    internal const int MaxPageSize = 1000;

    private const int ChatsPerRead = 250;

    private readonly StoreReader _store;

    internal ChatLister(StoreReader store) => _store = store;

    /// <summary>Returns the page that a request asks for.</summary>
    /// <exception cref="ChatException">The filter or the page token is invalid, or the store failed.</exception>
    public async Task<ListChatsResponse> ListAsync(string tenant, ListChatsRequest request, CancellationToken cancellationToken)
    {
        var list = $"chats:{tenant}:{request.Filter}";
        var size = request.PageSize == 0 ? DefaultPageSize : Math.Min(request.PageSize, MaxPageSize);
        var query = new ChatListQuery(tenant, LabelFilter.Parse(request.Filter), size, null);
        var reply = new ListChatsResponse();
        var next = await FillAsync(reply, query, ChatListCursor.Parse(request.PageToken, list), cancellationToken);
        reply.NextPageToken = next?.ToString(list) ?? "";
        return reply;
    }

    // Returns where the next page starts. If one read returns the whole list, nothing can have moved in between.
    private async Task<ChatListCursor?> FillAsync(ListChatsResponse reply, ChatListQuery query, ChatListCursor start, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        var listed = new HashSet<string>(StringComparer.Ordinal);
        var isFirst = start == default;
        for (ChatListCursor? cursor = start; cursor is { } at;)
        {
            // A few at a time, as the labels of one chat may take 80 KB. If the page is full, one more chat shows whether another page follows.
            var some = query with { PageSize = Math.Clamp(query.PageSize - reply.Chats.Count, 1, ChatsPerRead), After = at.After };
            var page = await _store.ReadAsync(s => s.ListAsync(some, cancellationToken));
            var isOver = page.Next is null;
            foreach (var snapshot in page.Chats)
            {
                if (at.To(new ChatListPosition(snapshot.Chat.UpdateTime, snapshot.Chat.Key.ChatId)) is not { } next)
                {
                    isOver = true;
                    break;
                }

                var chat = Views.Chat(snapshot);
                bytes += chat.CalculateSize();
                if (reply.Chats.Count == query.PageSize || (reply.Chats.Count > 0 && bytes > HistoryPager.MaxReplyBytes))
                {
                    return at;
                }

                if (listed.Add(chat.Name))
                {
                    reply.Chats.Add(chat);
                }

                at = next;
            }

            if (isFirst && isOver)
            {
                return null;
            }

            isFirst = false;
            cursor = isOver ? at.Next() : at with { After = page.Next };
        }

        return null;
    }
}
