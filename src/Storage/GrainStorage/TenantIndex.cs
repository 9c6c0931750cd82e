using System.Collections.Concurrent;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Which chats a tenant has, and how many. A chat that is about to be created or deleted is in doubt in the tenant's record before its head says so, and is
/// settled after: it enters or leaves a segment of the list, and what of the count is right then. So each chat that there is, is counted and named, and
/// whoever meets one in doubt whose server died can settle it.
/// </summary>
internal sealed class TenantIndex(RecordStorage records, string serverId)
{
    private const int SegmentChats = 256;

    // Tenants and segments that are kept; what is kept may be forgotten at any time.
    private const int MaxKept = 4096;

    private readonly ConcurrentDictionary<RecordName, object> _records = [];

    /// <summary>Counts a chat that is about to be created.</summary>
    /// <returns>The doubt; null: the tenant has as many chats as it may have.</returns>
    public Task<TenantChats.Types.Doubt?> ReserveAsync(ChatKey key, string incarnation, long maxChats)
    {
        var doubt = NewDoubt(key, incarnation, segment: 0);
        return Tenant(key.Tenant).UpdateAsync(tenant =>
        {
            if (tenant.Doubts.FirstOrDefault(other => other.Id == doubt.Id) is { } done)
            {
                return done.Clone();
            }

            if (tenant.Chats >= maxChats)
            {
                return null;
            }

            var segment = tenant.Segments.FirstOrDefault(some => some.Chats < SegmentChats);
            if (segment is null)
            {
                var last = tenant.Segments.Select(some => some.Number).DefaultIfEmpty().Max();
                tenant.Segments.Add(segment = new TenantChats.Types.Segment { Number = last + 1 });
            }

            tenant.Format = ChatFiles.Format;
            tenant.Chats++;
            segment.Chats++;
            doubt.Segment = segment.Number;
            tenant.Doubts.Add(doubt.Clone());
            return doubt.Clone();
        });
    }

    /// <summary>Says that a chat is about to be deleted.</summary>
    public async Task<TenantChats.Types.Doubt> DoubtAsync(ChatKey key, string incarnation, int segment)
    {
        var doubt = NewDoubt(key, incarnation, segment);
        await Tenant(key.Tenant).UpdateAsync(tenant =>
        {
            if (tenant.Doubts.FirstOrDefault(other => other.Incarnation == incarnation) is { } earlier)
            {
                tenant.Doubts.Remove(earlier);
            }

            tenant.Doubts.Add(doubt.Clone());
            return true;
        }).ConfigureAwait(false);
        return doubt;
    }

    /// <summary>Says whether a chat in doubt is there, which does not change any more unless it is doubted again.</summary>
    public async Task SettleAsync(string tenant, TenantChats.Types.Doubt doubt, bool isThere)
    {
        await Segment(tenant, doubt.Segment).UpdateAsync(segment =>
        {
            segment.Format = ChatFiles.Format;
            var entry = segment.Entries.FirstOrDefault(other => other.Incarnation == doubt.Incarnation);
            if (isThere && entry is null)
            {
                segment.Entries.Add(new TenantSegment.Types.Entry { ChatId = doubt.ChatId, Incarnation = doubt.Incarnation });
            }
            else if (!isThere && entry is not null)
            {
                segment.Entries.Remove(entry);
            }

            return true;
        }).ConfigureAwait(false);
        await Tenant(tenant).UpdateAsync(all =>
        {
            var found = all.Doubts.FirstOrDefault(other => other.Id == doubt.Id);
            if (found is not null)
            {
                all.Doubts.Remove(found);
                if (!isThere)
                {
                    all.Chats--;
                    all.Segments.First(some => some.Number == found.Segment).Chats--;
                }
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Removes a name of a chat that is gone from a segment.</summary>
    public Task RemoveAsync(string tenant, int segment, string incarnation) => Segment(tenant, segment).UpdateAsync(all =>
        all.Entries.FirstOrDefault(entry => entry.Incarnation == incarnation) is { } found && all.Entries.Remove(found));

    /// <summary>The chats in doubt.</summary>
    public async Task<IReadOnlyList<TenantChats.Types.Doubt>> DoubtsAsync(string tenant) =>
        (await Tenant(tenant).ReadAsync().ConfigureAwait(false)).Record.Doubts;

    /// <summary>All chats that there may be.</summary>
    public async Task<(IReadOnlyList<TenantChats.Types.Doubt> Doubts, IReadOnlyList<ListedChat> Settled)> ReadAsync(string tenant)
    {
        // The tenant first: a chat that is settled meanwhile is read twice, and never missed.
        var (all, _) = await Tenant(tenant).ReadAsync().ConfigureAwait(false);
        if (!ChatFiles.CheckFormat(all.Format))
        {
            throw ChatFiles.LaterVersion();
        }

        var segments = await RecordStorage.ForEachAsync(all.Segments, async segment =>
        {
            var (entries, _) = await Segment(tenant, segment.Number).ReadAsync().ConfigureAwait(false);
            return entries.Entries.Select(entry => new ListedChat(entry.ChatId, entry.Incarnation, segment.Number));
        }).ConfigureAwait(false);
        return (all.Doubts, [.. segments.SelectMany(segment => segment)]);
    }

    private TenantChats.Types.Doubt NewDoubt(ChatKey key, string incarnation, int segment) =>
        new() { ChatId = key.ChatId, Incarnation = incarnation, Segment = segment, Server = serverId, Id = RecordName.NewRecord() };

    private SharedRecord<TenantChats> Tenant(string tenant) =>
        Kept(RecordName.Tenant(tenant), name => new SharedRecord<TenantChats>(records, name, TenantChats.Parser));

    private SharedRecord<TenantSegment> Segment(string tenant, int segment) =>
        Kept(RecordName.Segment(tenant, segment), name => new SharedRecord<TenantSegment>(records, name, TenantSegment.Parser));

    private T Kept<T>(RecordName name, Func<RecordName, T> create)
        where T : class
    {
        if (_records.Count > MaxKept)
        {
            _records.Clear();
        }

        return (T)_records.GetOrAdd(name, create);
    }
}

/// <summary>A chat that a tenant's list names.</summary>
internal readonly record struct ListedChat(string ChatId, string Incarnation, int Segment);
