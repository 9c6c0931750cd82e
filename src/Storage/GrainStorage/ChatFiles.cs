using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>The records of chats that are written once: pages, branches and payloads.</summary>
internal sealed class ChatFiles(RecordStorage records, RecordCache cache)
{
    /// <summary>The format that this version writes, and the last one that it reads.</summary>
    public const uint Format = 1;

    /// <exception cref="RecordMissingException">There is no such page.</exception>
    public async Task<PageRecord> ReadPageAsync(ChatKey key, LogRef page)
    {
        var read = await ReadAsync(RecordName.OfChat(RecordName.Page, key, page.Record), PageRecord.Parser).ConfigureAwait(false);
        return CheckFormat(read.Format) ? read : throw LaterVersion();
    }

    /// <exception cref="RecordMissingException">There is no such branch.</exception>
    public async Task<BranchRecord> ReadBranchAsync(ChatKey key, LogRef branch)
    {
        var read = await ReadAsync(RecordName.OfChat(RecordName.Branch, key, branch.Record), BranchRecord.Parser).ConfigureAwait(false);
        return CheckFormat(read.Format) ? read : throw LaterVersion();
    }

    /// <exception cref="RecordMissingException">There is no such payload.</exception>
    public async Task<byte[]> ReadPayloadAsync(ChatKey key, Payload payload)
    {
        if (payload.Record.Length == 0)
        {
            return payload.Data.ToByteArray();
        }

        var parts = await RecordStorage.ForEachAsync(Enumerable.Range(0, payload.Parts).ToList(), async part =>
        {
            var name = RecordName.PartOf(key, payload.Record, part);
            return (await records.ReadAsync(name).ConfigureAwait(false)).Data ?? throw new RecordMissingException(name);
        }).ConfigureAwait(false);
        if (parts.Length == 1)
        {
            return parts[0];
        }

        var data = new byte[payload.Size];
        var at = 0;
        foreach (var part in parts)
        {
            part.CopyTo(data, at);
            at += part.Length;
        }

        return data;
    }

    /// <summary>A turn with its payloads, or without its input.</summary>
    /// <exception cref="RecordMissingException">A payload is not there.</exception>
    public async Task<TurnRecord> ReadTurnAsync(ChatKey key, LogTurn turn, bool withInput = true)
    {
        var input = withInput ? await ReadPayloadAsync(key, turn.Input).ConfigureAwait(false) : null;
        var outcome = turn.Outcome is null ? null : await ReadPayloadAsync(key, turn.Outcome).ConfigureAwait(false);
        return TurnMapping.FromLog(turn, input, outcome);
    }

    /// <exception cref="ChatStoreException">A record could not be written; nothing names it yet.</exception>
    public Task WriteAsync(IReadOnlyList<NewRecord> newRecords) => RecordStorage.ForEachAsync(newRecords, async record =>
    {
        await records.CreateAsync(record.Name, record.Data).ConfigureAwait(false);
        if (record.Message is { } message)
        {
            cache.Keep(record.Name, message, record.Data.Length);
        }

        return true;
    });

    /// <summary>Clears records that nothing names.</summary>
    public Task ClearAsync(IReadOnlyList<RecordName> names) => RecordStorage.ForEachAsync(names, async name =>
    {
        cache.Forget(name);
        await records.ClearAsync(name).ConfigureAwait(false);
        return true;
    });

    /// <summary>Refuses what a later version wrote.</summary>
    public static bool CheckFormat(uint format) => format <= Format;

    public static ChatStoreException LaterVersion() => new("A later version of this service wrote a record of the store, in a format that this one does not read.");

    private async Task<T> ReadAsync<T>(RecordName name, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        if (cache.Find<T>(name) is { } known)
        {
            return known;
        }

        var data = (await records.ReadAsync(name).ConfigureAwait(false)).Data ?? throw new RecordMissingException(name);
        var record = parser.Parse(data);
        cache.Keep(name, record, data.Length);
        return record;
    }
}

/// <summary>A record to be written before the head that names it.</summary>
/// <param name="Name">A name of its own.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Message">What they say; null: nothing that is worth keeping.</param>
internal readonly record struct NewRecord(RecordName Name, byte[] Data, IMessage? Message);
