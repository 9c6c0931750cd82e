namespace GenAI.Chats.Storage.GrainStorage.Sharing;

/// <summary>
/// For each chat, the forks that might have records that it wrote. A fork is added before it reads the log that it shares, so a list can contain forks
/// that were never created, and is never incomplete.
/// </summary>
internal sealed class ForkLists(RecordStorage records)
{
    // A chat can have many forks, and each is added by itself.
    private const int Shards = 16;

    // The number of cached records, which can be dropped at any time.
    private const int MaxKept = 1024;

    private readonly ConcurrentDictionary<RecordName, SharedRecord<ForksRecord>> _records = [];

    /// <summary>Adds a fork.</summary>
    public Task AddAsync(ChatKey chat, ForksRecord.Types.Fork fork) => ShardOf(chat, fork.ChatId).UpdateAsync(all =>
    {
        all.Format = RecordFormat.Version;
        if (all.Forks.All(other => other.Id != fork.Id))
        {
            all.Forks.Add(fork.Clone());
        }

        return true;
    });

    /// <summary>Removes a fork that doesn't have the records anymore.</summary>
    public Task RemoveAsync(ChatKey chat, string forkChatId, string forkId) => ShardOf(chat, forkChatId).UpdateAsync(all =>
        all.Forks.FirstOrDefault(other => other.Id == forkId) is { } found && all.Forks.Remove(found));

    /// <summary>Returns the forks.</summary>
    public async Task<IReadOnlyList<ForksRecord.Types.Fork>> ReadAsync(ChatKey chat)
    {
        var shards = await RecordStorage.ForEachAsync(
            [.. Enumerable.Range(0, Shards)], async shard => (await Kept(RecordName.Forks(chat, shard)).ReadAsync().ConfigureAwait(false)).Record).ConfigureAwait(false);
        foreach (var shard in shards)
        {
            RecordFormat.Require(shard.Format);
        }

        return [.. shards.SelectMany(shard => shard.Forks)];
    }

    private SharedRecord<ForksRecord> ShardOf(ChatKey chat, string forkChatId) => Kept(RecordName.Forks(chat, (int)(IdHashes.OfTurn(forkChatId) % Shards)));

    private SharedRecord<ForksRecord> Kept(RecordName name)
    {
        if (_records.Count > MaxKept)
        {
            _records.Clear();
        }

        return _records.GetOrAdd(name, created => new SharedRecord<ForksRecord>(records, created, ForksRecord.Parser));
    }
}
