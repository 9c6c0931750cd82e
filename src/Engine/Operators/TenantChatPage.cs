namespace GenAI.Chats.Engine.Operators;

/// <summary>A page of a list of chats across tenants, and the places in the list where it starts and ends.</summary>
/// <param name="request">The request.</param>
/// <param name="size">The maximum number of chats.</param>
internal sealed class TenantChatPage(ListTenantChatsRequest request, int size)
{
    // Neither tenants nor IDs of chats contain it.
    private const char Separator = '/';

    private long _bytes;

    /// <summary>Gets the request.</summary>
    public ListTenantChatsRequest Request => request;

    /// <summary>Gets the page so far.</summary>
    public ListTenantChatsResponse Response { get; } = new();

    /// <summary>Gets the number of chats that can still be added.</summary>
    public int Space => size - Response.Chats.Count;

    private string List => $"tenant-chats:{request.Activity}:{request.Tenant}:{request.ChangedBefore}";

    /// <summary>Returns the tenant and the position where a list by tenant starts. The tenant is null at the beginning.</summary>
    /// <exception cref="ChatException">The page token is invalid.</exception>
    public (string? Tenant, ChatListPosition? After) Start()
    {
        if (request.PageToken.Length == 0)
        {
            return default;
        }

        return PageToken.Read(request.PageToken, List).Split(Separator, 3) is [var tenant, var time, var chatId] && tenant.Length > 0
            ? (tenant, time.Length == 0 ? (ChatListPosition?)null : new ChatListPosition(TimeOf(time), chatId))
            : throw ChatErrors.PageToken();
    }

    /// <summary>Returns the chat after which a list by time starts. Null at the beginning.</summary>
    /// <exception cref="ChatException">The page token is invalid.</exception>
    public BusyChat? StartBusy()
    {
        if (request.PageToken.Length == 0)
        {
            return null;
        }

        return PageToken.Read(request.PageToken, List).Split(Separator, 3) is [var tenant, var time, var chatId]
            ? new BusyChat(new ChatKey(tenant, chatId), TimeOf(time))
            : throw ChatErrors.PageToken();
    }

    /// <summary>Adds a chat. Returns false if the page is full.</summary>
    public bool TryAdd(TenantChat chat)
    {
        _bytes += chat.CalculateSize();
        if (Space == 0 || (Response.Chats.Count > 0 && _bytes > HistoryPager.MaxReplyBytes))
        {
            return false;
        }

        Response.Chats.Add(chat);
        return true;
    }

    /// <summary>Ends the page. The next page starts in a tenant, after a position.</summary>
    public void EndAfter(string tenant, ChatListPosition? position) => End(tenant, position?.UpdateTime, position?.ChatId ?? "");

    /// <summary>Ends the page. The next page starts after a chat.</summary>
    public void EndAfter(BusyChat chat) => End(chat.Key.Tenant, chat.CreateTime, chat.Key.ChatId);

    private void End(string tenant, DateTimeOffset? time, string chatId) => Response.NextPageToken =
        PageToken.Write(string.Create(CultureInfo.InvariantCulture, $"{tenant}{Separator}{time?.UtcTicks}{Separator}{chatId}"), List);

    private static DateTimeOffset TimeOf(string ticks) =>
        long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(number, TimeSpan.Zero)
            : throw ChatErrors.PageToken();
}
