using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Lets turns be found that nobody runs, though a provider lists nothing: whoever commits a pending turn has the chat in its own server's record before. So of
/// each such chat the server that wrote last knows; when it is gone, others read its records.
/// </summary>
/// <remarks>
/// A server that has beaten within half a lifetime takes its records for written, as nobody can have cleared them. One that has not writes them again first.
/// Others clear them only after the server was gone, and left no pending turn, for <see cref="AbandonedChats.Grace"/>. A turn could be missed only when its server
/// is frozen for longer than that between this and its commit, and is killed within a second of waking up; and then until somebody asks for the chat.
/// </remarks>
internal sealed class PendingChats
{
    /// <summary>How many records a server has.</summary>
    public const int Shards = 16;

    private readonly PendingShard[] _shards;
    private readonly OwnerBeats _owners;
    private readonly SharedRecord<ServersRecord> _servers;
    private readonly HashSet<string> _joined = new(StringComparer.Ordinal);

    public PendingChats(RecordStorage records, OwnerBeats owners, SharedRecord<ServersRecord> servers)
    {
        _shards = [.. Enumerable.Range(0, Shards).Select(shard => new PendingShard(
            new SharedRecord<ServerChatsRecord>(records, RecordName.ServerChats(ServerId, shard), ServerChatsRecord.Parser)))];
        _owners = owners;
        _servers = servers;
        owners.Forgotten = WriteAllAsync;
    }

    /// <summary>This server, or rather this store of it.</summary>
    public string ServerId { get; } = RecordName.NewRecord();

    /// <summary>Makes sure that the chat will be found, before a commit that leaves it with a pending turn.</summary>
    public async Task AddAsync(ChatKey key, LogTurn first)
    {
        var isSure = _owners.IsFresh;
        await ShardOf(key).AddAsync(key, first.CreateTime, isSure).ConfigureAwait(false);
        await JoinAsync(owner: null, isSure).ConfigureAwait(false);
    }

    /// <summary>Keeps what a commit left.</summary>
    public void Note(ChatKey key, ChatHead head) => ShardOf(key).Note(key, head.Chat is null ? null : HeadMapping.FirstPending(head.Chat));

    /// <summary>The chats of this server that may have a pending turn.</summary>
    public IEnumerable<PendingChat> Pending() => _shards.SelectMany(shard => shard.Pending());

    /// <summary>Says that the owner's beats are this server's.</summary>
    public Task JoinAsync(string owner) => JoinAsync(owner, isSure: true);

    /// <summary>Clears this server's records, if it leaves no pending turn.</summary>
    public async Task LeaveAsync(RecordStorage records)
    {
        bool hasJoined;
        lock (_joined)
        {
            hasJoined = _joined.Count > 0;
        }

        if (hasJoined && !_shards.Any(shard => shard.HasPending))
        {
            await RemoveAsync(_servers, records, ServerId).ConfigureAwait(false);
        }
    }

    /// <summary>Forgets a server.</summary>
    public static async Task RemoveAsync(SharedRecord<ServersRecord> servers, RecordStorage records, string server)
    {
        await servers.UpdateAsync(all =>
        {
            var found = all.Servers.FirstOrDefault(other => other.Id == server);
            return found is not null && all.Servers.Remove(found);
        }).ConfigureAwait(false);
        await RecordStorage.ForEachAsync(Enumerable.Range(0, Shards).ToList(), async shard =>
        {
            await records.ClearAsync(RecordName.ServerChats(server, shard)).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    private async Task JoinAsync(string? owner, bool isSure)
    {
        var name = owner ?? "";
        lock (_joined)
        {
            if (isSure && _joined.Contains(name))
            {
                return;
            }
        }

        await _servers.UpdateAsync(all =>
        {
            all.Format = ChatFiles.Format;
            var self = all.Servers.FirstOrDefault(server => server.Id == ServerId);
            if (self is null)
            {
                all.Servers.Add(self = new ServersRecord.Types.Server { Id = ServerId, Shards = Shards });
            }

            if (owner is not null && !self.Owners.Contains(owner))
            {
                self.Owners.Add(owner);
            }

            return true;
        }).ConfigureAwait(false);
        lock (_joined)
        {
            _joined.Add(name);
        }
    }

    private async Task WriteAllAsync()
    {
        List<string> owners;
        lock (_joined)
        {
            owners = [.. _joined];
            _joined.Clear();
        }

        foreach (var shard in _shards.Where(shard => shard.HasPending))
        {
            await shard.WriteAsync().ConfigureAwait(false);
        }

        foreach (var owner in owners)
        {
            await JoinAsync(owner.Length == 0 ? null : owner, isSure: false).ConfigureAwait(false);
        }
    }

    private PendingShard ShardOf(ChatKey key) => _shards[(int)((uint)HashCode.Combine(key.Tenant, key.ChatId) % Shards)];
}
