namespace GenAI.Chats.Engine.Sessions.State;

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
    private bool _isStale;

    /// <summary>Raised when the cache was filled from the store.</summary>
    public event Action? Loaded;

    public ChatKey Key => key;

    public ServerState Server => server;

    public DateTimeOffset Now => server.Time.GetUtcNow();

    /// <summary>Gets a signal that is raised when the chat may have changed, or the session is closed.</summary>
    public ChangeSignal Changes => _writes.Released;

    /// <summary>What is known of the chat.</summary>
    public ChatCache Cache { get; } = new(key, reader, server, metrics);

    /// <inheritdoc cref="ChatCache.Chat"/>
    public ChatRecord? Chat => Cache.Chat;

    /// <inheritdoc cref="ChatCache.LastSequence"/>
    public long LastSequence => Cache.LastSequence;

    /// <inheritdoc cref="ChatCache.Queue"/>
    public TurnQueue Queue => Cache.Queue;

    /// <inheritdoc cref="ChatCache.Contexts"/>
    public TurnContexts Contexts => Cache.Contexts;

    /// <inheritdoc cref="ChatCache.Tree"/>
    public HistoryTree Tree => Cache.Tree;

    /// <inheritdoc cref="ChatCache.Ended"/>
    public ChatEndedTurns Ended => Cache.Ended;

    /// <inheritdoc cref="ChatCache.Quota"/>
    public ITenantQuota Quota => Cache.Quota!;

    /// <summary>Why the session is closed. Null: it is open.</summary>
    public Exception? Failure { get; private set; }

    public bool IsClosed => Failure is not null;

    /// <summary>Loads the chat for the first time.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var snapshot = await reader.ReadAsync(s => s.LoadAsync(key, cancellationToken));
        Cache.CountFor(quotas.Open(key.Tenant));
        Cache.Adopt(snapshot);
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
        foreach (var turn in Cache.Adopt(snapshot))
        {
            var record = ended[turn.Record.TurnId];
            if (turn.HasEndedHere(record))
            {
                Cache.End(turn, record!);
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

        Cache.Adopt(created);
    }

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

        Cache.Quota?.Close();
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

    private bool IsOwnAttempt(TurnRecord running, ChatSnapshot? snapshot) =>
        snapshot?.Pending is [var first, ..]
        && (first.TurnId, first.Attempt, first.Owner) == (running.TurnId, running.Attempt, server.Owner);

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
