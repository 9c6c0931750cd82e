using System.Globalization;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.History;

/// <summary>Where a page of the history starts: a turn in the log, and one of its contents.</summary>
/// <param name="Sequence">The turn.</param>
/// <param name="Index">The content, from 0.</param>
/// <param name="Incarnation">The chat's incarnation; null: any.</param>
internal readonly record struct HistoryToken(long Sequence, int Index, string? Incarnation)
{
    /// <summary>Reads what <see cref="ToString(ChatKey, bool)"/> wrote for the same chat and kind of history; empty is the start.</summary>
    /// <exception cref="ChatException">It is anything else.</exception>
    public static HistoryToken Parse(string token, ChatKey key, bool curated)
    {
        if (token.Length == 0)
        {
            return new HistoryToken(1, 0, null);
        }

        // Anyone who knows the format can make a token, so a token that passes the check can hold any text.
        return PageToken.Read(token, List(key, curated)).Split('.') is [var turn, var content, var incarnation]
            && long.TryParse(turn, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && sequence > 0
            && int.TryParse(content, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new HistoryToken(sequence, index, incarnation)
            : throw ChatErrors.PageToken();
    }

    /// <summary>The token for a chat and a kind of history. Neither another chat nor the other kind takes it.</summary>
    public string ToString(ChatKey key, bool curated) => PageToken.Write($"{Sequence}.{Index}.{Incarnation}", List(key, curated));

    private static string List(ChatKey key, bool curated) => $"history:{curated}:{key}";
}
