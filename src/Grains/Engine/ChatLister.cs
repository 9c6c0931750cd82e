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

    /// <summary>The page that the request asks for.</summary>
    /// <exception cref="ChatException">The filter or the page token is malformed, or the store does not answer.</exception>
    public async Task<ListChatsResponse> ListAsync(ListChatsRequest request, CancellationToken cancellationToken)
    {
        var list = $"chats:{tenant}:{request.Filter}";
        var size = request.PageSize == 0 ? DefaultPageSize : Math.Min(request.PageSize, MaxPageSize);
        var query = new ChatListQuery(tenant, LabelFilter.Parse(request.Filter), size, Place(request.PageToken, list));
        ChatListPage page;
        try
        {
            page = await services.Store.ListAsync(query, cancellationToken);
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(services.Log, failure);
            throw ChatErrors.Store(failure);
        }

        var reply = new ListChatsResponse();
        reply.Chats.AddRange(page.Chats.Select(Views.Chat));
        if (page.Next is { } next)
        {
            reply.NextPageToken = PageToken.Write(string.Create(CultureInfo.InvariantCulture, $"{next.UpdateTime.UtcTicks}.{next.ChatId}"), list);
        }

        return reply;
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
