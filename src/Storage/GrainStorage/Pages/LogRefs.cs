namespace GenAI.Chats.Storage.GrainStorage.Pages;

/// <summary>
/// References to the records of a log. The records of a fork's log can be those of other chats of the tenant: a reference then has the ID of the chat
/// that wrote the record.
/// </summary>
internal static class LogRefs
{
    /// <summary>Returns the number of the last turn.</summary>
    public static long LastOf(LogRef page) => page.LastSequence > 0 ? page.LastSequence : page.FirstSequence + page.Turns - 1;

    /// <summary>Returns the numbers from the first turn to the last one.</summary>
    public static SequenceRange SpanOf(LogRef page) => new(page.FirstSequence, LastOf(page));

    /// <summary>Returns the key under which the records of a reference are stored.</summary>
    /// <param name="key">The chat that has the reference.</param>
    /// <param name="chat">The ID of the chat that wrote them; empty if it is the same.</param>
    public static ChatKey OwnerOf(ChatKey key, string chat) => chat.Length == 0 ? key : key with { ChatId = chat };

    /// <summary>Returns the name of a page, at level 0, or of an index node.</summary>
    public static RecordName NameOf(ChatKey key, LogRef page, int level) =>
        RecordName.OfChat(level == 0 ? RecordName.Page : RecordName.IndexNode, OwnerOf(key, page.Chat), page.Record);

    /// <summary>Returns the names of a payload's records.</summary>
    public static IEnumerable<RecordName> NamesOf(ChatKey key, Payload? payload) => payload is not { Record.Length: > 0 }
        ? []
        : Enumerable.Range(0, payload.Parts).Select(part => RecordName.PartOf(OwnerOf(key, payload.Chat), payload.Record, part));

    /// <summary>Returns the names of the records of a turn's payloads.</summary>
    public static IEnumerable<RecordName> NamesOf(ChatKey key, LogTurn turn) =>
        [.. NamesOf(key, turn.Input), .. NamesOf(key, turn.Outcome), .. turn.Progress.SelectMany(step => NamesOf(key, step))];

    /// <summary>Returns references, as another chat has them.</summary>
    /// <param name="refs">The references of a chat.</param>
    /// <param name="chat">The ID of this chat. If empty, they stay as they are.</param>
    public static IReadOnlyList<LogRef> From(IReadOnlyList<LogRef> refs, string chat) => chat.Length == 0
        ? refs
        : [.. refs.Select(page =>
        {
            var copy = page.Clone();
            copy.Chat = copy.Chat.Length == 0 ? chat : copy.Chat;
            return copy;
        })];

    /// <summary>Returns turns, as another chat has them.</summary>
    /// <param name="turns">The turns of a chat.</param>
    /// <param name="chat">The ID of this chat. If empty, they stay as they are.</param>
    public static IReadOnlyList<LogTurn> From(IReadOnlyList<LogTurn> turns, string chat) => chat.Length == 0
        ? turns
        : [.. turns.Select(turn =>
        {
            var copy = turn.Clone();
            foreach (var payload in new[] { copy.Input, copy.Outcome }.Where(static payload => payload is { Record.Length: > 0, Chat.Length: 0 }))
            {
                payload.Chat = chat;
            }

            return copy;
        })];
}
