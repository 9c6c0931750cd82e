using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>
/// One chat in one activation: what it knows of the chat, its pending turns, and the turn that runs.
/// </summary>
/// <remarks>
/// <para>Its members are called on one scheduler, one at a time between awaits: a grain's, or a test's. Writes pass through one lock, so that each
/// knows the outcome of the one before.</para>
/// <para>The store is right, and what a session holds is a copy. When a commit's precondition doesn't hold, or its outcome is unknown, the session reads
/// the chat again before its next commit if it runs a turn, as the turn's output must not be lost. Otherwise the session is over: it fails its readers with
/// <see cref="ChatConflictException"/> and ends its activation, and the next one reads the chat.</para>
/// </remarks>
internal sealed partial class ChatSession
{
    private readonly ChatKey _key;
    private readonly SessionServices _services;
    private readonly ISessionHost _host;
    private readonly AsyncLock _writes = new();
    private readonly TurnQueue _queue;
    private OpenExchange _exchange;
    private CuratedHistory _history;
    private ITenantQuota? _quota;
    private ChatRecord? _chat;
    private long _lastSequence;
    private bool _abandoned;
    private bool _outdated;
    private Exception? _over;

    public ChatSession(ChatKey key, SessionServices services, ISessionHost host)
    {
        _key = key;
        _services = services;
        _host = host;
        _queue = new TurnQueue(services.Metrics, services.Time);
        _history = new CuratedHistory(key, "", services.Store);
        _exchange = new OpenExchange(key, "", services.Store);
    }

    private IChatStore Store => _services.Store;

    private ChatsOptions Options => _services.Options;

    private ServerState Server => _services.Server;

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    /// <summary>Whether the store has the chat, as far as the session knows.</summary>
    public bool Exists => _chat is not null;

    /// <summary>Whether no turn is pending, as far as the session knows.</summary>
    public bool IsIdle => _queue.Count == 0;

    /// <summary>Reads the chat, and goes on with its pending turns.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var snapshot = await Guarded(() => Store.LoadAsync(_key, cancellationToken));
        _quota = _services.Quotas.Open(_key.Tenant);
        _queue.CountFor(_quota);
        Adopt(snapshot);
        RunPending();
    }

    /// <summary>
    /// The activation ends: stops what runs, without waiting for it. Others find the turns by their owner, this server by its list of orphans.
    /// </summary>
    public void Close()
    {
        if (_over is not null)
        {
            return;
        }

        if (Begun is { } begun)
        {
            // Not waited for: this server has other activations to end. Where it fails, the sweep does it.
            _ = GiveUpAsync(begun);
        }

        if (_queue.Count > 0)
        {
            Orphan(Begun);
        }

        End(new ChatConflictException("The activation has ended."));
    }

    /// <summary>Takes up the chat's pending turns, if it has any that nobody runs.</summary>
    /// <returns>Whether it has any that have not ended.</returns>
    public async Task<bool> WakeAsync()
    {
        if (_waitsToStart)
        {
            return true;
        }

        using (await _writes.EnterAsync())
        {
            ThrowIfOver();
            await ReloadAsync();
            return _queue.Count > 0;
        }
    }

    // The lock, with the chat as the store has it where what is known may be wrong.
    private async ValueTask<AsyncLock.Holder> EnterWriteAsync()
    {
        var holder = await _writes.EnterAsync();
        try
        {
            ThrowIfOver();
            if (_outdated)
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

    private async Task GiveUpAsync(TurnRecord turn)
    {
        try
        {
            await new OrphanedChat(_key, turn.Sequence, turn.TurnId, turn.Attempt).ReleaseAsync(Store, Server.Owner);
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(_services.Log, failure);
        }
    }

    // Replaces what the session knows by what the store says, and tells the readers of turns that have ended meanwhile.
    private async Task ReloadAsync()
    {
        var snapshot = await Guarded(() => Store.LoadAsync(_key, CancellationToken.None));
        // All that is to be read is read first: what the session knows changes at one instant, and not while it ends.
        var ended = new Dictionary<string, TurnRecord?>();
        foreach (var turn in _queue.ToArray().ExceptBy(snapshot?.Pending.Select(p => p.TurnId) ?? [], t => t.Record.TurnId))
        {
            ended.Add(turn.Record.TurnId, await Guarded(() => Store.FindTurnAsync(_key, turn.Record.TurnId, CancellationToken.None)));
        }

        ThrowIfOver();
        if (Begun is { } begun && !IsStillOwn(begun, snapshot) && !IsOwnEnd(_queue.First!, ended.GetValueOrDefault(begun.TurnId)))
        {
            var lost = new ChatConflictException("The turn that ran here is another server's now.");
            End(lost);
            throw lost;
        }

        _outdated = false;
        foreach (var turn in Adopt(snapshot))
        {
            var record = ended[turn.Record.TurnId];
            if (IsOwnEnd(turn, record))
            {
                EndedHere(turn, record!);
                _quota!.CountStored(turn.Ending!.Head.StoredBytes);
            }
            else if (record is { IsPending: false })
            {
                turn.Record = record;
                Replay(turn);
            }
            else
            {
                turn.Log.Fail(record is null ? ChatErrors.TurnNotFound(turn.Record.TurnId) : new ChatConflictException("The chat was written elsewhere."));
            }
        }

        RunPending();
    }

    private bool IsStillOwn(TurnRecord running, ChatSnapshot? snapshot) =>
        snapshot?.Pending is [var first, ..]
        && (first.TurnId, first.Attempt, first.Owner) == (running.TurnId, running.Attempt, Server.Owner);

    // Whether the turn ended with a step that was tried here, though the store's reply to it was lost.
    private static bool IsOwnEnd(ActiveTurn turn, TurnRecord? record) =>
        record is { IsPending: false } && turn.Ending is { } step
        && (record.Attempt, record.EndTime) == (step.Attempt, step.EndTime)
        && step.Outcome.Equals(record.Outcome);

    private IReadOnlyList<ActiveTurn> Adopt(ChatSnapshot? snapshot)
    {
        if (snapshot?.Chat.Incarnation != _chat?.Incarnation)
        {
            // Another chat under that name.
            var incarnation = snapshot?.Chat.Incarnation ?? "";
            _history = new CuratedHistory(_key, incarnation, Store);
            _exchange = new OpenExchange(_key, incarnation, Store);
        }

        if (snapshot?.Chat.Revision != _chat?.Revision)
        {
            _exchange.Forget();
        }

        _chat = snapshot?.Chat;
        _lastSequence = snapshot?.LastSequence ?? 0;
        _abandoned = snapshot?.IsAbandoned ?? false;
        var dropped = _queue.Replace(snapshot?.Pending ?? []);
        foreach (var turn in dropped)
        {
            turn.RequestStop(StopCause.Abandoned);
        }

        return dropped;
    }

    private ChatRecord RequireChat() => _chat ?? throw ChatErrors.ChatNotFound(_key.ChatId);

    private ChatException Rejected(ChatException rejection) => LimitsLog.Rejected(_services.Log, rejection);

    private void ThrowIfOver()
    {
        if (_over is { } over)
        {
            throw over;
        }
    }

    // A read of the store. What is known stays right when it fails.
    private async Task<T> Guarded<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(_services.Log, failure);
            throw ChatErrors.Store(failure);
        }
    }

    // A commit, perhaps of a turn's start. Unless it succeeds what the session knows may be wrong.
    private async Task<T> Commit<T>(Func<Task<T>> step, TurnRecord? start = null)
    {
        try
        {
            return await step();
        }
        catch (ChatConflictException conflict)
        {
            EngineLog.Conflict(_services.Log, conflict.Message);
            _services.Metrics.Conflict();
            Outdate(conflict);
            throw;
        }
        catch (ChatStoreException failure)
        {
            EngineLog.StoreFailed(_services.Log, failure);

            if (Begun is null)
            {
                // It may have been done: then the chat has a turn that no session knows, and that this server owns if it was started.
                Orphan(start);
            }

            Outdate(new ChatConflictException("The outcome of a commit is unknown."));
            throw ChatErrors.Store(failure);
        }
    }

    private void Outdate(ChatConflictException why)
    {
        if (Begun is not null)
        {
            _outdated = true;
        }
        else
        {
            End(why);
        }
    }

    // The turn that this session has started, and so runs.
    private TurnRecord? Begun => _queue.First is { RunsHere: true } turn ? turn.Record : null;

    // Leaves the chat to the sweep, and with it the turn that this session ran, or has perhaps started.
    private void Orphan(TurnRecord? turn) => _services.Orphans.Add(new OrphanedChat(_key, turn?.Sequence ?? 0, turn?.TurnId ?? "", turn?.Attempt ?? 0));

    // The session is over: its readers are told to come again, its turn is stopped, its activation ends.
    private void End(Exception why)
    {
        if (_over is not null)
        {
            return;
        }

        Retire(why);
        if (_pumping)
        {
            Orphan(Begun);
        }

        foreach (var turn in _queue.ToArray())
        {
            turn.RequestStop(StopCause.Abandoned);
        }

        _host.End();
    }

    // From now on the chat is another session's: this one answers nobody, and its turns are not counted here.
    private void Retire(Exception why)
    {
        _over = why;
        _queue.Close();
        foreach (var turn in _queue.ToArray())
        {
            turn.Log.Fail(why);
        }

        _quota?.Close();
    }
}
