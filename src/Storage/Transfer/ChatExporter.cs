using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>
/// Exports a tenant's chats as lines, from any store. The service can run during an export: each chat is exported as it was at one instant, and
/// a chat that existed during the whole export is exported once.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
public sealed class ChatExporter(IChatStore store, TimeProvider time)
{
    /// <summary>The version of the format.</summary>
    internal const int Version = 1;

    private const int ChatsPerPage = 200;
    private const int TurnsPerPage = 100;
    private const long BytesPerPage = 8 << 20;

    /// <summary>Exports all chats of a tenant.</summary>
    /// <exception cref="ChatStoreException">The store failed. The export has no footer.</exception>
    public async Task<TransferCounts> ExportAsync(string tenant, TextWriter writer, CancellationToken cancellationToken)
    {
        await WriteAsync(writer, new() { Header = new() { Version = Version, Tenant = tenant, ExportTime = time.GetUtcNow().ToTimestamp() } });
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var counts = default(TransferCounts);

        // A chat that changes moves to the front of the list, before a position that the walk has passed. Walks are repeated until one finds no new chat.
        for (var before = -1; before < seen.Count;)
        {
            before = seen.Count;
            await foreach (var key in ListAsync(tenant, cancellationToken).ConfigureAwait(false))
            {
                if (seen.Add(key.ChatId) && await ExportAsync(key, writer, cancellationToken).ConfigureAwait(false) is { } turns)
                {
                    counts = new TransferCounts(counts.Chats + 1, counts.Turns + turns);
                }
            }
        }

        await WriteAsync(writer, new() { Footer = new() { Chats = counts.Chats, Turns = counts.Turns } });
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return counts;
    }

    private async IAsyncEnumerable<ChatKey> ListAsync(
        string tenant, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ChatListPosition? after = null;
        do
        {
            var page = await store.ListAsync(new ChatListQuery(tenant, [], ChatsPerPage, after), cancellationToken).ConfigureAwait(false);
            foreach (var chat in page.Chats)
            {
                yield return chat.Chat.Key;
            }

            after = page.Next;
        }
        while (after is not null);
    }

    // Returns the number of turns; null if the chat was deleted during its export.
    private async Task<long?> ExportAsync(ChatKey key, TextWriter writer, CancellationToken cancellationToken)
    {
        if (await store.LoadAsync(key, cancellationToken).ConfigureAwait(false) is not { } snapshot)
        {
            return null;
        }

        await WriteAsync(writer, new() { Chat = TransferRecords.ToMessage(snapshot) });
        for (var last = 0L; last < snapshot.LastSequence;)
        {
            var page = await store.ReadLogAsync(key, new LogRange(last, TurnsPerPage, BytesPerPage, snapshot.Chat.Incarnation) { Scope = LogScope.Whole }, cancellationToken).ConfigureAwait(false);
            if (page is null || page.Turns.Count == 0)
            {
                break;
            }

            foreach (var turn in page.Turns.TakeWhile(turn => turn.Sequence <= snapshot.LastSequence))
            {
                await WriteAsync(writer, new() { Turn = await AtInstantAsync(snapshot, turn, cancellationToken).ConfigureAwait(false) });
            }

            last = page.Turns[^1].Sequence;
        }

        // A later chat with the same ID is another chat.
        var now = await store.LoadAsync(key, cancellationToken).ConfigureAwait(false);
        if (now?.Chat.Incarnation != snapshot.Chat.Incarnation)
        {
            await WriteAsync(writer, new() { DroppedChat = key.ChatId });
            return null;
        }

        return snapshot.LastSequence;
    }

    // Since the snapshot, pending turns might have ended, and with them the open exchange.
    private async Task<TransferTurn> AtInstantAsync(ChatSnapshot snapshot, TurnRecord turn, CancellationToken cancellationToken)
    {
        if (snapshot.Pending.FirstOrDefault(pending => pending.Sequence == turn.Sequence) is { } pending)
        {
            var progress = await store.ReadProgressAsync(snapshot.Chat.Key, turn.TurnId, cancellationToken).ConfigureAwait(false);
            return TransferRecords.ToMessage(pending.WithInputOf(turn), progress);
        }

        var isOpen = snapshot.Chat.OpenSequence is > 0 and var open && turn.Sequence >= open;
        return TransferRecords.ToMessage(isOpen ? turn with { Curated = false } : turn, []);
    }

    private static async Task WriteAsync(TextWriter writer, TransferLine line)
    {
        await writer.WriteAsync(TransferJson.Write(line)).ConfigureAwait(false);
        await writer.WriteAsync('\n').ConfigureAwait(false);
    }
}
