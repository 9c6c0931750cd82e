using System.Buffers.Binary;
using System.Security.Cryptography;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>A chat's head as it was read, with the ETag that a write must show.</summary>
internal sealed record HeadVersion(ChatHead Head, string? ETag);

/// <summary>
/// Reads and commits heads. A commit is one write of the head with the ETag of the one that was decided on; what was decided on an old head is
/// decided again. Each commit has an id, by which it is known when the reply to its write was lost.
/// </summary>
internal sealed class ChatHeads(RecordStorage records, RecordCache cache, ChatFiles files, PendingChats pending, Leftovers leftovers, HeadLimits limits)
{
    // As many servers may write between a commit and its check, so that its outcome is still known.
    private const int LastCommits = 8;

    // Each try but the first is another's success.
    private const int MaxTries = 100;
    private const int MaxFailures = 3;

    /// <summary>Reads a head; one without a chat where there is none.</summary>
    /// <exception cref="ChatStoreException">The provider failed, or a later version wrote the head.</exception>
    public async Task<HeadVersion> ReadAsync(ChatKey key, bool isKept = true)
    {
        var name = RecordName.Head(key);
        var version = await records.ReadAsync(name).ConfigureAwait(false);
        var head = ChatHead.Parser.Parse(version.Data);
        if (!ChatFiles.CheckFormat(head.Format))
        {
            throw ChatFiles.LaterVersion();
        }

        var read = new HeadVersion(head, version.ETag);
        if (isKept && (cache.Find<HeadVersion>(name) is not { } known || known.Head.Commits <= head.Commits))
        {
            cache.Keep(name, read, version.Data?.Length ?? 0);
        }

        return read;
    }

    /// <summary>Reads a head and what it names, at one instant.</summary>
    /// <exception cref="ChatStoreException">The provider failed, or a record was lost.</exception>
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
                // The head has moved on, and what it no longer names was cleared.
                before = before == head.Commits ? throw Damage.Lost(missing) : head.Commits;
            }
        }
    }

    /// <summary>A head to be changed.</summary>
    public HeadEdit Edit(ChatKey key, ChatHead head) => new(key, head, limits);

    /// <summary>Commits what is decided on the head.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="decide">Decides on a head: its change, or null and a result. It may be asked several times, and throws when a precondition does not hold.</param>
    /// <param name="isStep">
    /// Whether it is a step, and the chat's lock is held, so that a server's steps follow one another; else it is something that does no harm when it is done
    /// twice.
    /// </param>
    /// <exception cref="ChatStoreException">Whether it was done is unknown.</exception>
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
                missingAt = missingAt == version.Head.Commits ? throw Damage.Lost(missing) : version.Head.Commits;
            }
            catch (Exception exception) when (!isFresh && exception is not ChatStoreException)
            {
                // A remembered head refuses nothing: it may be old.
            }

            version = await ReadAsync(key).ConfigureAwait(false);
            isFresh = true;
        }

        throw new ChatStoreException("A chat is changed by too many at once.");
    }

    /// <returns>False: another commit was first, and this one was not and will not be done.</returns>
    private async Task<bool> TryWriteAsync(ChatKey key, HeadVersion from, HeadEdit edit, bool isStep)
    {
        var name = RecordName.Head(key);
        var next = edit.Head;
        var commit = Number(from.Head, next, isStep);
        leftovers.RemoveCleared(key, next);
        var first = next.Chat is null ? null : HeadMapping.FirstPending(next.Chat);
        await Task.WhenAll(files.WriteAsync(edit.Records), first is null ? Task.CompletedTask : pending.AddAsync(key, first)).ConfigureAwait(false);
        cache.Forget(name);
        if (await WriteAsync(name, from, next, commit).ConfigureAwait(false) is not { } written)
        {
            leftovers.Clear([.. edit.Records.Select(record => record.Name)]);
            return false;
        }

        if (written.ETag is not null)
        {
            cache.Keep(name, written, written.Head.CalculateSize());
        }

        pending.Note(key, written.Head);
        leftovers.Clear(key, written.Head);
        return true;
    }

    /// <returns>Null: another commit was first.</returns>
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

            // Lost replies look like failures, and, where the provider tried again by itself, like conflicts.
            var found = await records.ReadAsync(name).ConfigureAwait(false);
            var head = ChatHead.Parser.Parse(found.Data);
            if (head.Commits > from.Head.Commits)
            {
                return IsDone(head, commit) ? new HeadVersion(next, head.Commits == next.Commits ? found.ETag : null) : null;
            }

            if (++failures == MaxFailures)
            {
                throw failure ?? new ChatStoreException("A chat's head could not be written.");
            }

            etag = found.ETag;
        }
    }

    // A server's steps on a chat follow one another, so that its last one is the one in question, or an earlier one.
    private static bool IsDone(ChatHead head, ChatHead.Types.Commit? commit)
    {
        if (commit is null)
        {
            return false;
        }

        var last = head.LastCommits.FirstOrDefault(other => other.Server == commit.Server);
        return last is not null || head.LastCommits.Count < LastCommits || head.LastCommits[0].Number < commit.Number
            ? commit.Equals(last)
            : throw new ChatStoreException("The reply to a commit was lost, and too many servers have written since.");
    }

    private ChatHead.Types.Commit? Number(ChatHead from, ChatHead next, bool isStep)
    {
        next.Format = ChatFiles.Format;
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
