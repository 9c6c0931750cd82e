namespace GenAI.Chats.Storage.GrainStorage.Tenants;

/// <summary>
/// The list of a tenant's chats, and their number. Before a chat is created or deleted, a doubt about it is added to the tenant's record. Afterwards,
/// the doubt is settled: the chat is added to or removed from a segment of the list, and the number is corrected. Each chat that exists is therefore
/// counted and listed, and any server can settle the doubts of servers that are gone.
/// </summary>
internal sealed class TenantIndex(RecordStorage records, string serverId)
{
    private const int SegmentChats = 256;

    // The number of cached records, which can be dropped at any time.
    private const int MaxKept = 4096;

    private readonly ConcurrentDictionary<RecordName, object> _records = [];

    /// <summary>Adds a doubt about a chat that is about to be created, and counts it.</summary>
    /// <returns>The doubt; null if the tenant has the maximum number of chats.</returns>
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

            tenant.Format = RecordFormat.Linear;
            tenant.Chats++;
            segment.Chats++;
            doubt.Segment = segment.Number;
            tenant.Doubts.Add(doubt.Clone());
            return doubt.Clone();
        });
    }

    /// <summary>Adds a doubt about a chat that is about to be deleted.</summary>
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

    /// <summary>Settles a doubt: the chat exists, or doesn't, which doesn't change without another doubt.</summary>
    public async Task SettleAsync(string tenant, TenantChats.Types.Doubt doubt, bool isThere)
    {
        await Segment(tenant, doubt.Segment).UpdateAsync(segment =>
        {
            segment.Format = RecordFormat.Linear;
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

    /// <summary>Removes a deleted chat from a segment.</summary>
    public Task RemoveAsync(string tenant, int segment, string incarnation) => Segment(tenant, segment).UpdateAsync(all =>
        all.Entries.FirstOrDefault(entry => entry.Incarnation == incarnation) is { } found && all.Entries.Remove(found));

    /// <summary>Reads the doubts.</summary>
    public async Task<IReadOnlyList<TenantChats.Types.Doubt>> DoubtsAsync(string tenant) =>
        (await Tenant(tenant).ReadAsync().ConfigureAwait(false)).Record.Doubts;

    /// <summary>Reads all chats that might exist.</summary>
    public async Task<(IReadOnlyList<TenantChats.Types.Doubt> Doubts, IReadOnlyList<ListedChat> Settled)> ReadAsync(string tenant)
    {
        // The tenant first: a chat that is settled during the read is read twice, and never missed.
        var (all, _) = await Tenant(tenant).ReadAsync().ConfigureAwait(false);
        RecordFormat.Require(all.Format);

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

/// <summary>A chat in a tenant's list.</summary>
internal readonly record struct ListedChat(string ChatId, string Incarnation, int Segment);
