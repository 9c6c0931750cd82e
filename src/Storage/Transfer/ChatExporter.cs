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

    /// <summary>Gets an action that gets the counts after each chat.</summary>
    public Action<TransferCounts>? Progress { get; init; }

    /// <summary>Exports all chats of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="writer">Gets the lines.</param>
    /// <param name="withBranches">Whether turns on other branches than the history are exported.</param>
    /// <param name="cancellationToken">Cancels the export.</param>
    /// <exception cref="ChatStoreException">The store failed. The export has no footer.</exception>
    public async Task<TransferCounts> ExportAsync(string tenant, TextWriter writer, bool withBranches, CancellationToken cancellationToken)
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
                if (seen.Add(key.ChatId) && await ExportAsync(key, writer, withBranches, cancellationToken).ConfigureAwait(false) is { } turns)
                {
                    counts = new TransferCounts(counts.Chats + 1, counts.Turns + turns);
                    Progress?.Invoke(counts);
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
    private async Task<long?> ExportAsync(ChatKey key, TextWriter writer, bool withBranches, CancellationToken cancellationToken)
    {
        while (await store.LoadAsync(key, cancellationToken).ConfigureAwait(false) is { } snapshot)
        {
            var turns = 0L;
            var export = await ChatExport.OpenAsync(store, snapshot, withBranches, cancellationToken).ConfigureAwait(false);
            await WriteAsync(writer, new() { Chat = export.Chat });
            await foreach (var turn in export.TurnsAsync(cancellationToken).ConfigureAwait(false))
            {
                await WriteAsync(writer, new() { Turn = turn });
                turns++;
            }

            // A later chat with the same ID is another chat.
            var now = await store.LoadAsync(key, cancellationToken).ConfigureAwait(false);
            if (turns == export.Chat.Turns && now?.Chat.Incarnation == snapshot.Chat.Incarnation)
            {
                return turns;
            }

            await WriteAsync(writer, new() { DroppedChat = key.ChatId });
            if (now?.Chat.Incarnation != snapshot.Chat.Incarnation)
            {
                return null;
            }

            // Turns were erased.
        }

        return null;
    }

    private static async Task WriteAsync(TextWriter writer, TransferLine line)
    {
        await writer.WriteAsync(TransferJson.Write(line)).ConfigureAwait(false);
        await writer.WriteAsync('\n').ConfigureAwait(false);
    }
}
