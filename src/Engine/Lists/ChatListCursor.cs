namespace GenAI.Chats.Engine.Lists;

/// <summary>
/// The start of the next page of a list of chats. A chat that changes moves to the front of the list, past a reader that hasn't reached it yet. So the list is
/// read again for the chats that have changed since the previous walk began, until a walk finds no chat.
/// </summary>
/// <param name="After">The last chat of the walk so far. Null: the walk begins.</param>
/// <param name="Newest">The newest change when the walk began. Null: not known yet.</param>
/// <param name="Floor">The walk skips chats that haven't changed since this time. Null: it includes all chats.</param>
/// <param name="Walk">The number of the walk, from 0.</param>
internal readonly record struct ChatListCursor(ChatListPosition? After, DateTimeOffset? Newest, DateTimeOffset? Floor, int Walk)
{
    // Each walk has the chats that changed during the one before. If their number doesn't decrease, the list ends after this many walks.
    private const int MaxWalks = 16;

    /// <summary>Parses a token that <see cref="ToString(string)"/> returned for the same list. An empty token is the start.</summary>
    /// <exception cref="ChatException">The token is invalid.</exception>
    public static ChatListCursor Parse(string token, string list)
    {
        if (token.Length == 0)
        {
            return default;
        }

        // The chat's ID comes last, as it can contain dots. Anyone who knows the format can create a token, so a token that passes the check can contain any text.
        return PageToken.Read(token, list).Split('.', 5) is [var walk, var floor, var newest, var after, var chatId]
            && int.TryParse(walk, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxWalks
            && TryParse(floor, out var floorTime) && TryParse(newest, out var newestTime) && TryParse(after, out var afterTime)
            ? new ChatListCursor(afterTime is { } time ? new ChatListPosition(time, chatId) : null, newestTime, floorTime, number)
            : throw ChatErrors.PageToken();
    }

    /// <summary>Returns the token for a list.</summary>
    public string ToString(string list) => PageToken.Write(
        string.Create(CultureInfo.InvariantCulture, $"{Walk}.{Ticks(Floor)}.{Ticks(Newest)}.{Ticks(After?.UpdateTime)}.{After?.ChatId}"), list);

    /// <summary>Moves to a chat. Returns null if the walk ends before it.</summary>
    public ChatListCursor? To(ChatListPosition chat) =>
        Floor is { } floor && chat.UpdateTime <= floor ? null : this with { After = chat, Newest = Newest ?? chat.UpdateTime };

    /// <summary>Returns the next walk. Null if no chat has changed since this one began, or there were enough walks.</summary>
    public ChatListCursor? Next() => Newest is { } newest && Walk < MaxWalks ? new ChatListCursor(null, null, newest, Walk + 1) : null;

    private static string Ticks(DateTimeOffset? time) => time?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "";

    private static bool TryParse(string text, out DateTimeOffset? time)
    {
        time = null;
        if (text.Length == 0)
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) || ticks > DateTimeOffset.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }
}
