using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Which processes live. A provider has no clock that servers could share, so no time is stored: a beat changes the owner's record, and who wants to know whether
/// the owner is gone watches the record on a clock of its own, until it has not changed for longer than the lifetime. A server that has just
/// started therefore takes that long to call another one gone. The time is taken after the read that first saw a beat, and before the one that still
/// sees it, so that an observer that is frozen in between comes to no other result.
/// </summary>
internal sealed class OwnerBeats(RecordStorage records, TimeProvider time)
{
    private const int MaxTries = 3;

    private readonly ConcurrentDictionary<string, Sighting> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Beating> _own = new(StringComparer.Ordinal);

    /// <summary>Called when an owner's record is gone that beat from here: others may have forgotten this server's chats. The beat waits for it.</summary>
    public Func<Task> Forgotten { get; set; } = static () => Task.CompletedTask;

    /// <summary>
    /// Whether a beat was stored from here so lately that no observer can have called its owner gone since: half a lifetime, as a write takes time.
    /// </summary>
    public bool IsFresh => _own.Values.Any(own => own is { IsThere: true } && time.GetElapsedTime(own.Started) < own.Lifetime / 2);

    /// <inheritdoc cref="IChatStore.BeatAsync" />
    public async Task BeatAsync(string owner, TimeSpan lifetime)
    {
        var own = _own.GetOrAdd(owner, static _ => new Beating());
        await own.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var started = time.GetTimestamp();
            var beat = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
            own.ETag = await WriteAsync(owner, own, new BeatRecord { Beat = beat, Lifetime = lifetime.Ticks }).ConfigureAwait(false);
            (own.IsThere, own.Started, own.Lifetime) = (true, started, lifetime);
            _seen[owner] = new Sighting(beat, time.GetTimestamp());
        }
        finally
        {
            own.Gate.Release();
        }
    }

    /// <inheritdoc cref="IChatStore.LeaveAsync" />
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

    /// <summary>Whether an owner is gone. Of one that beats from here, no record is read.</summary>
    /// <exception cref="ChatStoreException">The provider failed.</exception>
    public async Task<bool> IsGoneAsync(string owner)
    {
        if (_own.TryGetValue(owner, out var own) && own.IsThere && _seen.TryGetValue(owner, out var last))
        {
            return time.GetElapsedTime(last.At) > own.Lifetime;
        }

        var started = time.GetTimestamp();
        var version = await records.ReadAsync(RecordName.Owner(owner)).ConfigureAwait(false);
        var ended = time.GetTimestamp();
        if (version.Data is null)
        {
            _seen.TryRemove(owner, out _);
            return true;
        }

        var record = BeatRecord.Parser.Parse(version.Data);
        var seen = _seen.AddOrUpdate(
            owner, _ => new Sighting(record.Beat, ended), (_, earlier) => earlier.Beat == record.Beat ? earlier : new Sighting(record.Beat, ended));
        return time.GetElapsedTime(seen.At, started) > TimeSpan.FromTicks(record.Lifetime);
    }

    private async Task<string?> WriteAsync(string owner, Beating own, BeatRecord record)
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
                // Read: it may have been done.
            }

            var found = await records.ReadAsync(name).ConfigureAwait(false);
            if (found.Data is { } bytes && bytes.AsSpan().SequenceEqual(data))
            {
                return found.ETag;
            }

            if (tries >= MaxTries)
            {
                throw new ChatStoreException("A beat could not be written.");
            }

            if (found.Data is null && own.IsThere)
            {
                own.IsThere = false;
                await Forgotten().ConfigureAwait(false);
            }

            etag = found.ETag;
        }
    }

    /// <summary>A beat, and since when it is known.</summary>
    private sealed record Sighting(ulong Beat, long At);

    private sealed class Beating
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public string? ETag { get; set; }

        /// <summary>Whether this server's last write is there, as far as it knows.</summary>
        public bool IsThere { get; set; }

        public long Started { get; set; }

        public TimeSpan Lifetime { get; set; }
    }
}
