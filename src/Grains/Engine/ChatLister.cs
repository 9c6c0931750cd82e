using System.Globalization;
using GenAI.Chats.Grains.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <summary>Lists a tenant's chats from the store.</summary>
internal sealed class ChatLister(string tenant, SessionServices services)
{
    /// <summary>How many chats a page has when the request does not say.</summary>
    public const int DefaultPageSize = 50;

    /// <summary>How many a page has at most.</summary>
    public const int MaxPageSize = 1000;

    private const int ChatsPerRead = 250;

    /// <summary>The page that the request asks for.</summary>
    /// <exception cref="ChatException">The filter or the page token is malformed, or the store does not answer.</exception>
    public async Task<ListChatsResponse> ListAsync(ListChatsRequest request, CancellationToken cancellationToken)
    {
        var list = $"chats:{tenant}:{request.Filter}";
        var size = request.PageSize == 0 ? DefaultPageSize : Math.Min(request.PageSize, MaxPageSize);
        var query = new ChatListQuery(tenant, LabelFilter.Parse(request.Filter), size, Place(request.PageToken, list));
        var reply = new ListChatsResponse();
        var next = await FillAsync(reply, query, cancellationToken);
        if (next is { } place)
        {
            reply.NextPageToken = PageToken.Write(string.Create(CultureInfo.InvariantCulture, $"{place.UpdateTime.UtcTicks}.{place.ChatId}"), list);
        }

        return reply;
    }

    // A few at a time, as the labels of one chat may take 80 KB. Returns where the next page starts.
    private async Task<ChatListPosition?> FillAsync(ListChatsResponse reply, ChatListQuery query, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        var place = query.After;
        while (true)
        {
            var some = query with { PageSize = Math.Min(query.PageSize - reply.Chats.Count, ChatsPerRead), After = place };
            var page = await ReadAsync(some, cancellationToken);
            foreach (var snapshot in page.Chats)
            {
                var chat = Views.Chat(snapshot);
                bytes += chat.CalculateSize();
                if (reply.Chats.Count > 0 && bytes > HistoryPager.MaxReplyBytes)
                {
                    return place;
                }

                reply.Chats.Add(chat);
                place = new ChatListPosition(snapshot.Chat.UpdateTime, snapshot.Chat.Key.ChatId);
            }

            place = page.Next;
            if (place is null || reply.Chats.Count == query.PageSize)
            {
                return place;
            }
        }
    }

    private async Task<ChatListPage> ReadAsync(ChatListQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Store.ListAsync(query, cancellationToken);
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(services.Log, failure);
            throw ChatErrors.Store(failure);
        }
    }

    private static ChatListPosition? Place(string token, string list)
    {
        if (token.Length == 0)
        {
            return null;
        }

        // A chat's id may have dots too: the first one separates. Anyone who knows the format can make a token, so one that passes the check can hold any text.
        return PageToken.Read(token, list).Split('.', 2) is [var time, var chatId]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.Ticks
            ? new ChatListPosition(new DateTimeOffset(ticks, TimeSpan.Zero), chatId)
            : throw ChatErrors.PageToken();
    }
}
