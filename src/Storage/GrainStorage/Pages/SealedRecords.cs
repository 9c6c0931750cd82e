namespace GenAI.Chats.Storage.GrainStorage.Pages;

/// <summary>Records of chats that are written once and never change: pages, index nodes, and payloads.</summary>
internal sealed class SealedRecords(RecordStorage records, RecordCache cache)
{
    /// <summary>Reads the turns of a page. The caller must not change them.</summary>
    /// <exception cref="RecordMissingException">The page doesn't exist.</exception>
    public async Task<IReadOnlyList<LogTurn>> ReadPageAsync(ChatKey key, LogRef page)
    {
        var read = await ReadAsync(LogRefs.NameOf(key, page, 0), PageRecord.Parser).ConfigureAwait(false);
        RecordFormat.Require(read.Format);
        return LogRefs.From(read.Turns, page.Chat);
    }

    /// <summary>Reads the references of an index node. The caller must not change them.</summary>
    /// <exception cref="RecordMissingException">The node doesn't exist.</exception>
    public async Task<IReadOnlyList<LogRef>> ReadNodeAsync(ChatKey key, LogRef node)
    {
        var read = await ReadAsync(LogRefs.NameOf(key, node, 1), IndexNodeRecord.Parser).ConfigureAwait(false);
        RecordFormat.Require(read.Format);
        return LogRefs.From(read.Refs, node.Chat);
    }

    /// <exception cref="RecordMissingException">The payload doesn't exist.</exception>
    public async Task<byte[]> ReadPayloadAsync(ChatKey key, Payload payload)
    {
        if (payload.Record.Length == 0)
        {
            return payload.Data.ToByteArray();
        }

        var parts = await RecordStorage.ForEachAsync(Enumerable.Range(0, payload.Parts).ToList(), async part =>
        {
            var name = RecordName.PartOf(LogRefs.OwnerOf(key, payload.Chat), payload.Record, part);
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

    /// <summary>Reads the payloads of a turn, with or without its input.</summary>
    /// <exception cref="RecordMissingException">A payload doesn't exist.</exception>
    public async Task<TurnRecord> ReadTurnAsync(ChatKey key, LogTurn turn, bool withInput = true)
    {
        var input = withInput && turn.Input is not null ? await ReadPayloadAsync(key, turn.Input).ConfigureAwait(false) : null;
        var outcome = turn.Outcome is null ? null : await ReadPayloadAsync(key, turn.Outcome).ConfigureAwait(false);
        return TurnMapping.FromLog(turn, input, outcome);
    }

    /// <exception cref="ChatStoreException">A record couldn't be written. No head names it.</exception>
    public Task WriteAsync(IReadOnlyList<NewRecord> newRecords) => RecordStorage.ForEachAsync(newRecords, async record =>
    {
        await records.CreateAsync(record.Name, record.Data).ConfigureAwait(false);
        if (record.Message is { } message)
        {
            cache.Keep(record.Name, message, record.Data.Length);
        }

        return true;
    });

    /// <summary>Clears records that no head names.</summary>
    public Task ClearAsync(IReadOnlyList<RecordName> names) => RecordStorage.ForEachAsync(names, async name =>
    {
        cache.Forget(name);
        await records.ClearAsync(name).ConfigureAwait(false);
        return true;
    });

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

/// <summary>A record to write before the head that names it.</summary>
/// <param name="Name">The name, which no other record has.</param>
/// <param name="Data">The bytes.</param>
/// <param name="Message">The message to cache, or null.</param>
internal readonly record struct NewRecord(RecordName Name, byte[] Data, IMessage? Message);
