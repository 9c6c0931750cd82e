using GenAI.Chats.Engine.Watching;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Engine.Turns;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>What a session has cached of its chat and of the chat's pending turns.</summary>
/// <remarks>
/// The store is right, and the cache is a copy. If a commit's precondition doesn't hold, or its outcome is unknown, the cache may be wrong. If a turn runs
/// here, its output must not be lost: the chat is read again before the next commit. Otherwise the session is closed: readers get
/// <see cref="ChatConflictException"/>, the activation ends, and the next one reads the chat.
/// </remarks>
internal sealed class ChatState(
    ChatKey key, StoreReader reader, ServerState server, ITenantQuotas quotas, ISessionHost host, ChatMetrics metrics, ILogger logger)
{
    private readonly AsyncLock _writes = new();
    private ITenantQuota? _quota;
    private bool _isAbandoned;
    private bool _isStale;

    /// <summary>Raised when the cache was filled from the store.</summary>
    public event Action? Loaded;

    public ChatKey Key => key;

    public ServerState Server => server;

    public DateTimeOffset Now => server.Time.GetUtcNow();

    /// <summary>Gets a signal that is raised when the chat may have changed, or the session is closed.</summary>
    public ChangeSignal Changes => _writes.Released;

    /// <summary>The chat's head. Null: there is no such chat.</summary>
    public ChatRecord? Chat { get; private set; }

    /// <summary>The number of the log's last turn.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The pending turns.</summary>
    public TurnQueue Queue { get; } = new(metrics, server.Time);

    /// <summary>What turns follow.</summary>
    public TurnContexts Contexts { get; } = new(key, reader);

    /// <summary>The tree of the chat's turns.</summary>
    public HistoryTree Tree => new(Chat!.Tree, Chat.Revision);

    /// <summary>Events of turns that have ended.</summary>
    public ChatEndedTurns Ended { get; } = new(server.EndedTurns);

    /// <summary>The tenant's quota on this server.</summary>
    public ITenantQuota Quota => _quota!;

    /// <summary>Why the session is closed. Null: it is open.</summary>
    public Exception? Failure { get; private set; }

    public bool IsClosed => Failure is not null;

    /// <summary>Loads the chat for the first time.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var snapshot = await reader.ReadAsync(s => s.LoadAsync(key, cancellationToken));
        _quota = quotas.Open(key.Tenant);
        Queue.CountFor(_quota);
        Adopt(snapshot);
        Loaded?.Invoke();
    }

    /// <summary>Enters the write lock, and reads the chat again if the cache may be wrong. Each writer thus knows the outcome of the one before.</summary>
    public async ValueTask<AsyncLock.Holder> EnterAsync()
    {
        var holder = await _writes.EnterAsync();
        try
        {
            ThrowIfClosed();
            if (_isStale)
            {
                await ReloadAsync();
            }

            return holder;
        }
        catch
        {
            holder.Dispose();
            throw;
        }
    }

    /// <summary>Reads the chat again.</summary>
    public async Task RefreshAsync()
    {
        using (await _writes.EnterAsync())
        {
            ThrowIfClosed();
            await ReloadAsync();
        }
    }

    /// <summary>Replaces the cache by what is stored, and notifies readers of turns that have ended elsewhere. Requires the write lock.</summary>
    /// <exception cref="ChatConflictException">The turn that ran here is another server's now. The session is closed.</exception>
    public async Task ReloadAsync()
    {
        var snapshot = await ReadAsync(s => s.LoadAsync(key, CancellationToken.None));

        // All reads come first: the cache changes at one instant, and not while the session closes.
        var ended = new Dictionary<string, TurnRecord?>();
        foreach (var turn in Queue.ToArray().ExceptBy(snapshot?.Pending.Select(p => p.TurnId) ?? [], t => t.Record.TurnId))
        {
            ended.Add(turn.Record.TurnId, await ReadAsync(s => s.FindTurnAsync(key, turn.Record.TurnId, CancellationToken.None)));
        }

        ThrowIfClosed();
        if (Queue.Running is { } running && !IsOwnAttempt(running.Record, snapshot) && !running.HasEndedHere(ended.GetValueOrDefault(running.Record.TurnId)))
        {
            var lost = new ChatConflictException("The turn that ran here is another server's now.");
            Close(lost);
            throw lost;
        }

        _isStale = false;
        foreach (var turn in Adopt(snapshot))
        {
            var record = ended[turn.Record.TurnId];
            if (turn.HasEndedHere(record))
            {
                End(turn, record!);
                Quota.CountStored(turn.Ending!.Head.StoredBytes);
            }
            else if (record is { IsPending: false })
            {
                turn.Record = record;
                turn.Replay();
            }
            else
            {
                turn.Log.Fail(record is null ? ChatErrors.TurnNotFound(turn.Record.TurnId) : new ChatConflictException("The chat was written elsewhere."));
            }
        }

        Loaded?.Invoke();
    }

    /// <inheritdoc cref="StoreReader.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<IChatStore, Task<T>> read) => reader.ReadAsync(read);

    /// <summary>Commits a step. Requires the write lock. If it fails, the cache may be wrong.</summary>
    /// <param name="step">The step.</param>
    /// <param name="start">The turn, if the step starts one.</param>
    public Task<StepResult> CommitAsync(ChatStep step, TurnRecord? start = null) => CommitAsync(store => store.ApplyAsync(key, step), start);

    /// <inheritdoc cref="CommitAsync(ChatStep, TurnRecord?)"/>
    public async Task<T> CommitAsync<T>(Func<IChatStore, Task<T>> step, TurnRecord? start = null)
    {
        try
        {
            return await step(reader.Store);
        }
        catch (ChatConflictException conflict)
        {
            Note(conflict);
            Invalidate(conflict);
            throw;
        }
        catch (ChatStoreException failure)
        {
            var error = reader.Failed(failure);
            if (Queue.Running is null)
            {
                // If the step was done, the chat has a turn that no session knows, and that this server owns if the step started it.
                Orphan(start);
            }

            Invalidate(new ChatConflictException("The outcome of a commit is unknown."));
            throw error;
        }
    }

    /// <summary>Commits a step of the turn that runs here, again and again while the store fails: its output must not be lost.</summary>
    /// <param name="commit">Looks at the cache, and commits the step that follows from it. Called with the write lock, and without <c>CommitAsync</c>.</param>
    /// <param name="stop">Ends the attempts.</param>
    public async Task<T> RetryAsync<T>(Func<IChatStore, Task<T>> commit, CancellationToken stop)
    {
        for (var retries = new CommitRetries(server.Time); ; await retries.PauseAsync(stop))
        {
            try
            {
                using (await EnterAsync())
                {
                    return await commit(reader.Store);
                }
            }
            catch (Exception failure) when (!IsClosed && ShouldRetry(failure, retries))
            {
                // The next attempt starts from what is stored.
            }
        }
    }

    /// <summary>The chat was created. If turns are pending, a chat with the same name was deleted elsewhere, and the session is closed.</summary>
    public void Create(ChatSnapshot created)
    {
        Quota.CountStored(created.Chat.StoredBytes);
        if (Queue.Count > 0)
        {
            Close(new ChatConflictException("The chat was deleted elsewhere."));
            return;
        }

        Adopt(created);
    }

    /// <summary>The chat's settings were changed.</summary>
    public void Update(ChatSettings settings, DateTimeOffset time, long growth)
    {
        Quota.CountStored(growth);
        var chat = Chat!;
        Chat = chat with { Version = chat.Version + 1, Settings = settings, UpdateTime = time, StoredBytes = chat.StoredBytes + growth };
    }

    /// <summary>A turn was appended to the log.</summary>
    public void Append(AcceptStep step)
    {
        LastSequence = step.Turn.Sequence;
        ChatTracing.Accepted(step.Turn);
        if (step.Head is { } head)
        {
            MoveHead(head, step.Turn);
        }
    }

    /// <summary>An attempt of a turn was started here.</summary>
    public void Start(ActiveTurn turn, TurnRecord started, bool isOwnerLost = false)
    {
        turn.Begin(started);
        metrics.Started(key, turn.Age, isRecovery: started.Attempt > 1, isOwnerLost);
    }

    /// <summary>A turn was ended.</summary>
    public void End(ActiveTurn turn, EndStep step)
    {
        End(turn, TurnEnds.Apply(turn.Record, step));
        MoveHead(step.Head, turn.Record);
    }

    /// <summary>Whether a turn is another server's, which is alive.</summary>
    public bool RunsElsewhere(ActiveTurn turn) => turn.Record.Owner is { } owner && owner != server.Owner && !_isAbandoned;

    /// <summary>Leaves the chat to the recovery of orphaned turns.</summary>
    /// <param name="turn">The turn that ran here, or that may have been started here.</param>
    public void Orphan(TurnRecord? turn) => server.Orphans.Add(new OrphanedChat(key, turn?.Sequence ?? 0, turn?.TurnId ?? "", turn?.Attempt ?? 0));

    /// <summary>Closes the session: readers get the reason, the running turn is stopped, pending turns are left to recovery, the activation ends.</summary>
    /// <param name="why">The reason.</param>
    /// <param name="isMoved">Whether the activation moves to another server, which runs the pending turns.</param>
    public void Close(Exception why, bool isMoved = false)
    {
        if (IsClosed)
        {
            return;
        }

        Failure = why;
        Changes.Raise();
        Queue.Close();
        var pending = Queue.ToArray();
        foreach (var turn in pending)
        {
            turn.Log.Fail(why);
        }

        _quota?.Close();
        if (isMoved)
        {
            return;
        }

        if (pending.Length > 0)
        {
            Orphan(Queue.Running?.Record);
        }

        foreach (var turn in pending)
        {
            turn.RequestStop(StopCause.Abandoned);
        }

        host.Deactivate();
    }

    /// <summary>Returns the chat. If the cache has none, the chat is read again: it may have been created elsewhere. Requires the write lock.</summary>
    /// <exception cref="ChatException">The chat doesn't exist.</exception>
    public async ValueTask<ChatRecord> FindChatAsync()
    {
        if (Chat is null)
        {
            await ReloadAsync();
        }

        return RequireChat();
    }

    public ChatRecord RequireChat() => Chat ?? throw ChatErrors.ChatNotFound(key.ChatId);

    public void ThrowIfClosed()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }

    // Returns the turns that are no longer pending.
    private IReadOnlyList<ActiveTurn> Adopt(ChatSnapshot? snapshot)
    {
        // Another chat with the same name, or the head is on another branch.
        var isOther = snapshot?.Chat.Incarnation != Chat?.Incarnation || !Equals(snapshot?.Chat.Tree, Chat?.Tree) || Chat is null;
        if (snapshot?.Chat.Revision != Chat?.Revision)
        {
            Contexts.ForgetExchange();
        }

        Chat = snapshot?.Chat;
        if (isOther)
        {
            Contexts.FollowHead(Chat);

            // Turns may have been erased.
            Ended.Remove(_ => true);
        }

        LastSequence = snapshot?.LastSequence ?? 0;
        _isAbandoned = snapshot?.IsAbandoned ?? false;
        var dropped = Queue.Replace(snapshot?.Pending ?? []);
        foreach (var turn in dropped)
        {
            turn.RequestStop(StopCause.Abandoned);
        }

        return dropped;
    }

    private bool IsOwnAttempt(TurnRecord running, ChatSnapshot? snapshot) =>
        snapshot?.Pending is [var first, ..]
        && (first.TurnId, first.Attempt, first.Owner) == (running.TurnId, running.Attempt, server.Owner);

    private void End(ActiveTurn turn, TurnRecord ended)
    {
        turn.Record = ended;
        Queue.Remove(turn);
        metrics.Ended(key, ended, turn.Age);
        Quota.CountEnded(turn.Age, ended.Outcome!.Usage?.TotalTokenCount ?? 0);
        Ended.Add(turn);
        turn.PublishEnd();
    }

    private void MoveHead(HeadChange head, TurnRecord turn)
    {
        Quota.CountStored(head.StoredBytes);
        var wasOpen = Chat!.OpenSequence > 0;
        Chat = Chat with
        {
            Revision = head.Revision,
            TurnCount = head.TurnCount ?? Chat.TurnCount + (head.Recorded ? 1 : 0),
            Tree = head.Tree ?? Chat.Tree,
            StoredBytes = Chat.StoredBytes + head.StoredBytes,
            TotalUsage = head.TotalUsage,
            UpdateTime = head.UpdateTime,
            OpenSequence = head.OpenSequence ?? Chat.OpenSequence,
        };
        if (head.Tree is not null)
        {
            Contexts.FollowHead(Chat);
        }

        if (head.Keeps is not null)
        {
            Ended.Remove(_ => true);
        }

        if (head.Recorded)
        {
            Contexts.Add(Chat, turn, wasOpen);

            // Turns that became curated: later readers must see that.
            Ended.Remove(ended => head.Closes.Contains(ended.Sequence));
        }
    }

    private void Invalidate(ChatConflictException why)
    {
        if (Queue.Running is not null)
        {
            _isStale = true;
        }
        else
        {
            Close(why);
        }
    }

    // The chat is read first: the turn was stopped, an earlier attempt to commit succeeded, or the turn is another session's now.
    private bool ShouldRetry(Exception failure, CommitRetries retries)
    {
        _isStale = true;
        if (failure is ChatConflictException conflict)
        {
            Note(conflict);
        }
        else if (failure is ChatStoreException failed)
        {
            reader.Failed(failed);
        }

        return retries.ShouldRetry(failure);
    }

    private void Note(ChatConflictException conflict)
    {
        EngineLog.Conflict(logger, Key, conflict.Message);
        metrics.Conflict();
    }
}
