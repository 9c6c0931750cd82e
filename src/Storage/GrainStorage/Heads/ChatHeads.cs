using System.Buffers.Binary;
using System.Security.Cryptography;
using GenAI.Chats.Storage.GrainStorage.Owners;
using GenAI.Chats.Storage.GrainStorage.Tenants;

namespace GenAI.Chats.Storage.GrainStorage.Heads;

/// <summary>A version of a chat's head, with the ETag for the next write.</summary>
internal sealed record HeadVersion(ChatHead Head, string? ETag);

/// <summary>
/// Reads and commits heads. A commit is one write of the head with the ETag that was read. If the head was outdated, the step is decided again. Each
/// commit has an ID, by which it is recognized if the reply to its write is lost.
/// </summary>
internal sealed class ChatHeads(
    RecordStorage records,
    RecordCache cache,
    SealedRecords sealedRecords,
    PendingChats pending,
    ExpiringTenants expiring,
    Garbage garbage,
    HeadLimits limits,
    StoreClock clock)
{
    // The number of servers that can write between a commit and its check until its outcome is unknown.
    private const int LastCommits = 8;

    // Each conflict is the success of another server.
    private const int MaxTries = 100;
    private const int MaxFailures = 3;

    /// <summary>Reads a head. It has no chat if the chat doesn't exist.</summary>
    /// <exception cref="ChatStoreException">The provider failed, or a later version wrote the head.</exception>
    public async Task<HeadVersion> ReadAsync(ChatKey key, bool isKept = true)
    {
        var name = RecordName.Head(key);
        var version = await records.ReadAsync(name).ConfigureAwait(false);
        var head = ChatHead.Parser.Parse(version.Data);
        RecordFormat.Require(head.Format);

        var read = new HeadVersion(head, version.ETag);
        if (isKept && (cache.Find<HeadVersion>(name) is not { } known || known.Head.Commits <= head.Commits))
        {
            cache.Keep(name, read, version.Data?.Length ?? 0);
        }

        return read;
    }

    /// <summary>Reads a head and the records that it names, at one instant.</summary>
    /// <exception cref="ChatStoreException">The provider failed, or a record is lost.</exception>
    public async Task<T> ReadAsync<T>(ChatKey key, Func<ChatHead, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var before = -1L; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var head = (await ReadAsync(key).ConfigureAwait(false)).Head;
            try
            {
                return await read(head).ConfigureAwait(false);
            }
            catch (RecordMissingException missing)
            {
                // The head has changed, and the record was cleared.
                before = before == head.Commits ? throw RecordFormat.Lost(missing) : head.Commits;
            }
        }
    }

    /// <summary>The time of a commit.</summary>
    public DateTimeOffset Now => clock.Now;

    /// <summary>Returns the chat of a head; null if it doesn't exist, or has expired.</summary>
    public ChatHead.Types.Chat? Existing(ChatHead head) => IsExpired(head) ? null : head.Chat;

    /// <summary>Indicates whether a head has a chat that has expired. A chat with a pending turn doesn't expire.</summary>
    public bool IsExpired(ChatHead head) =>
        head.Chat is { HasExpireTime: true } chat && chat.ExpireTime <= Now.UtcTicks && HeadMapping.FirstPending(chat) is null;

    /// <summary>Starts a change of a head.</summary>
    public HeadEdit Edit(ChatKey key, ChatHead head) => new(key, head, limits);

    /// <summary>Commits a change of the head.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="decide">
    /// Returns the change of a head, or null, and a result. It can be called several times, and throws if a precondition doesn't hold.
    /// </param>
    /// <param name="isStep">
    /// Whether this is a step. The caller then holds the lock of the chat, so that the steps of a server don't overlap. Otherwise, the change must be
    /// idempotent.
    /// </param>
    /// <exception cref="ChatStoreException">The outcome is unknown.</exception>
    public async Task<T> CommitAsync<T>(ChatKey key, Func<ChatHead, Task<(HeadEdit? Edit, T Result)>> decide, bool isStep = true)
    {
        var name = RecordName.Head(key);
        var version = cache.Find<HeadVersion>(name);
        var isFresh = version is null;
        version ??= await ReadAsync(key).ConfigureAwait(false);
        var missingAt = -1L;
        for (var tries = 0; tries < MaxTries; tries++)
        {
            try
            {
                var (edit, result) = await decide(version.Head).ConfigureAwait(false);
                if (edit is null)
                {
                    if (isFresh)
                    {
                        return result;
                    }
                }
                else if (await TryWriteAsync(key, version, edit, isStep).ConfigureAwait(false))
                {
                    return result;
                }
            }
            catch (RecordMissingException missing)
            {
                missingAt = missingAt == version.Head.Commits ? throw RecordFormat.Lost(missing) : version.Head.Commits;
            }
            catch (Exception exception) when (!isFresh && exception is not ChatStoreException)
            {
                // The cached head might be outdated, so the violation isn't final.
            }

            version = await ReadAsync(key).ConfigureAwait(false);
            isFresh = true;
        }

        throw new ChatStoreException("Too many concurrent updates to a chat.");
    }

    /// <returns>False if another commit was first; this one is never applied.</returns>
    private async Task<bool> TryWriteAsync(ChatKey key, HeadVersion from, HeadEdit edit, bool isStep)
    {
        var name = RecordName.Head(key);
        var next = edit.Head;
        var commit = Number(from.Head, next, isStep);
        garbage.RemoveCleared(key, next);
        var first = next.Chat is null ? null : HeadMapping.FirstPending(next.Chat);
        await Task.WhenAll(
            sealedRecords.WriteAsync(edit.Records),
            first is null ? Task.CompletedTask : pending.AddAsync(key, first),
            next.Chat is { HasExpireTime: true } ? expiring.AddAsync(key.Tenant) : Task.CompletedTask).ConfigureAwait(false);
        cache.Forget(name);
        if (await WriteAsync(name, from, next, commit).ConfigureAwait(false) is not { } written)
        {
            garbage.Clear([.. edit.Records.Select(record => record.Name)]);
            return false;
        }

        if (written.ETag is not null)
        {
            cache.Keep(name, written, written.Head.CalculateSize());
        }

        pending.Note(key, written.Head.Chat is null ? null : HeadMapping.FirstPending(written.Head.Chat));
        garbage.Clear(key, written.Head);
        return true;
    }

    /// <returns>Null if another commit was first.</returns>
    private async Task<HeadVersion?> WriteAsync(RecordName name, HeadVersion from, ChatHead next, ChatHead.Types.Commit? commit)
    {
        var data = next.ToByteArray();
        var etag = from.ETag;
        for (var failures = 0; ;)
        {
            ChatStoreException? failure = null;
            try
            {
                if (await records.TryWriteAsync(name, data, etag).ConfigureAwait(false) is { } written)
                {
                    return new HeadVersion(next, written.ETag);
                }
            }
            catch (ChatStoreException exception)
            {
                failure = exception;
            }

            // Lost replies look like failures, or, if the provider retried by itself, like conflicts.
            var found = await records.ReadAsync(name).ConfigureAwait(false);
            var head = ChatHead.Parser.Parse(found.Data);
            if (head.Commits > from.Head.Commits)
            {
                return IsDone(head, commit) ? new HeadVersion(next, head.Commits == next.Commits ? found.ETag : null) : null;
            }

            if (++failures == MaxFailures)
            {
                throw failure ?? new ChatStoreException("A chat's head couldn't be written.");
            }

            etag = found.ETag;
        }
    }

    // The steps of a server on a chat don't overlap, so its last commit is this one or an earlier one.
    private static bool IsDone(ChatHead head, ChatHead.Types.Commit? commit)
    {
        if (commit is null)
        {
            return false;
        }

        var last = head.LastCommits.FirstOrDefault(other => other.Server == commit.Server);
        return last is not null || head.LastCommits.Count < LastCommits || head.LastCommits[0].Number < commit.Number
            ? commit.Equals(last)
            : throw new ChatStoreException("Commit outcome unknown: the response was lost and the record changed since.");
    }

    private ChatHead.Types.Commit? Number(ChatHead from, ChatHead next, bool isStep)
    {
        next.Format = from.Format == RecordFormat.Version || next.HasForks || next.Chat is { Tree: not null } or { HasExpireTime: true }
            ? RecordFormat.Version
            : RecordFormat.Linear;
        next.Writer = pending.ServerId;
        next.Commits = from.Commits + 1;
        if (!isStep)
        {
            return null;
        }

        if (next.LastCommits.FirstOrDefault(other => other.Server == next.Writer) is { } earlier)
        {
            next.LastCommits.Remove(earlier);
        }
        else if (next.LastCommits.Count == LastCommits)
        {
            next.LastCommits.RemoveAt(0);
        }

        var id = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var commit = new ChatHead.Types.Commit { Server = next.Writer, Number = next.Commits, Id = id };
        next.LastCommits.Add(commit);
        return commit;
    }
}
