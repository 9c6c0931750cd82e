using System.Buffers.Binary;
using System.Security.Cryptography;

namespace GenAI.Chats.Storage.GrainStorage.Owners;

/// <summary>
/// Heartbeats of owners. A provider has no clock that servers can share, so no time is stored. A heartbeat changes the owner's record. An observer
/// watches the record with its own clock: the owner is gone if the record didn't change for longer than the lease. A server that has just started
/// therefore needs that long to find out. The observer reads its clock after the read that first returned a heartbeat, and before the read that
/// still returns it, so that the result is right even if the observer is frozen in between.
/// </summary>
internal sealed class OwnerHeartbeats(RecordStorage records, TimeProvider time)
{
    private const int MaxTries = 3;

    private readonly ConcurrentDictionary<string, Sighting> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Beating> _own = new(StringComparer.Ordinal);

    /// <summary>Called if the record of an owner on this server is gone: others might have forgotten this server's chats. The heartbeat waits for it.</summary>
    public Func<Task> Forgotten { get; set; } = static () => Task.CompletedTask;

    /// <summary>
    /// Whether the last heartbeat of this server is so recent that no observer can find that its owner is gone: half of the lease, because a write takes
    /// time.
    /// </summary>
    public bool IsFresh => _own.Values.Any(own => own is { IsThere: true } && time.GetElapsedTime(own.Started) < own.Lease / 2);

    /// <inheritdoc cref="IOwnerStore.HeartbeatAsync" />
    public async Task HeartbeatAsync(string owner, TimeSpan lease)
    {
        var own = _own.GetOrAdd(owner, static _ => new Beating());
        await own.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var started = time.GetTimestamp();
            var beat = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            own.ETag = await WriteAsync(owner, own, new HeartbeatRecord { Beat = beat, Lifetime = lease.Ticks }).ConfigureAwait(false);
            (own.IsThere, own.Started, own.Lease) = (true, started, lease);
            _seen[owner] = new Sighting(beat, time.GetTimestamp());
        }
        finally
        {
            own.Gate.Release();
        }
    }

    /// <inheritdoc cref="IOwnerStore.LeaveAsync" />
    public async Task LeaveAsync(string owner)
    {
        var own = _own.GetOrAdd(owner, static _ => new Beating());
        await own.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await records.ClearAsync(RecordName.Owner(owner)).ConfigureAwait(false);
            _own.TryRemove(owner, out _);
            _seen.TryRemove(owner, out _);
            own.IsThere = false;
        }
        finally
        {
            own.Gate.Release();
        }
    }

    /// <summary>Indicates whether an owner is gone. For an owner on this server, no record is read.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task<bool> IsGoneAsync(string owner)
    {
        if (_own.TryGetValue(owner, out var own) && own.IsThere && _seen.TryGetValue(owner, out var last))
        {
            return time.GetElapsedTime(last.At) > own.Lease;
        }

        var started = time.GetTimestamp();
        var version = await records.ReadAsync(RecordName.Owner(owner)).ConfigureAwait(false);
        var ended = time.GetTimestamp();
        if (version.Data is null)
        {
            _seen.TryRemove(owner, out _);
            return true;
        }

        var record = HeartbeatRecord.Parser.Parse(version.Data);
        var seen = _seen.AddOrUpdate(
            owner, _ => new Sighting(record.Beat, ended), (_, earlier) => earlier.Beat == record.Beat ? earlier : new Sighting(record.Beat, ended));
        return time.GetElapsedTime(seen.At, started) > TimeSpan.FromTicks(record.Lifetime);
    }

    private async Task<string?> WriteAsync(string owner, Beating own, HeartbeatRecord record)
    {
        var name = RecordName.Owner(owner);
        var data = record.ToByteArray();
        var etag = own.ETag;
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (await records.TryWriteAsync(name, data, etag).ConfigureAwait(false) is { } written)
                {
                    return written.ETag;
                }
            }
            catch (ChatStoreException) when (tries < MaxTries)
            {
                // Read: the write might have succeeded.
            }

            var found = await records.ReadAsync(name).ConfigureAwait(false);
            if (found.Data is { } bytes && bytes.AsSpan().SequenceEqual(data))
            {
                return found.ETag;
            }

            if (tries >= MaxTries)
            {
                throw new ChatStoreException("Heartbeat write failed.");
            }

            if (found.Data is null && own.IsThere)
            {
                own.IsThere = false;
                await Forgotten().ConfigureAwait(false);
            }

            etag = found.ETag;
        }
    }

    /// <summary>A heartbeat, and the time since when it is known.</summary>
    private sealed record Sighting(ulong Beat, long At);

    private sealed class Beating
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public string? ETag { get; set; }

        /// <summary>Whether the record exists, as far as this server knows.</summary>
        public bool IsThere { get; set; }

        public long Started { get; set; }

        public TimeSpan Lease { get; set; }
    }
}
