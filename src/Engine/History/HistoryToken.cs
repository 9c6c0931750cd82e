namespace GenAI.Chats.Engine.History;

/// <summary>The start of a page of the history: a turn in the log, and one of its contents.</summary>
/// <param name="Sequence">The turn's number.</param>
/// <param name="Index">The content's index.</param>
/// <param name="Incarnation">The chat's incarnation. Null: any.</param>
internal readonly record struct HistoryToken(long Sequence, int Index, string? Incarnation)
{
    /// <summary>Parses a token that <see cref="ToString(ChatKey, bool)"/> returned for the same chat and kind of history. An empty token is the start.</summary>
    /// <exception cref="ChatException">The token is invalid.</exception>
    public static HistoryToken Parse(string token, ChatKey key, bool curated)
    {
        if (token.Length == 0)
        {
            return new HistoryToken(1, 0, null);
        }

        // Anyone who knows the format can create a token, so a token that passes the check can contain any text.
        return PageToken.Read(token, List(key, curated)).Split('.') is [var turn, var content, var incarnation]
            && long.TryParse(turn, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && sequence > 0
            && int.TryParse(content, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new HistoryToken(sequence, index, incarnation)
            : throw ChatErrors.PageToken();
    }

    /// <summary>Returns the token for a chat and a kind of history. It is invalid for other chats, and for the other kind.</summary>
    public string ToString(ChatKey key, bool curated) => PageToken.Write($"{Sequence}.{Index}.{Incarnation}", List(key, curated));

    private static string List(ChatKey key, bool curated) => $"history:{curated}:{key}";
}
