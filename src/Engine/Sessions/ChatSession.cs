using GenAI.Chats.Engine.Sessions.Creation;
using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Engine.Sessions;

/// <inheritdoc/>
internal sealed class ChatSession(
    ChatState chat, TurnPump pump, TurnAcceptor acceptor, HeadMover head, ChatCreator creator, IChatModels models, ChatsOptions options, ILogger logger) : IChatSession
{
    /// <summary>How long a read waits for new events, at most. The grain's interface allows its reads 2 s more.</summary>
    public static readonly TimeSpan ReadWait = TimeSpan.FromSeconds(5);

    // How long a send waits for its turn's end, at most, while the end is committed.
    private static readonly TimeSpan EndWait = TimeSpan.FromSeconds(1);

    // How long a deletion is remembered for retries: longer than any client tries.
    private static readonly TimeSpan RememberedDeletions = TimeSpan.FromDays(1);

    private readonly ChatWatch _watch = new(chat);

    /// <inheritdoc/>
    public bool Exists => chat.Chat is not null;

    /// <inheritdoc/>
    public bool IsIdle => chat.Queue.Count == 0;

    /// <inheritdoc/>
    public Task OpenAsync(CancellationToken cancellationToken) => chat.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public void Close()
    {
        if (!chat.IsClosed && chat.Queue.Running is { } turn)
        {
            // Not awaited: this server has other activations to end. If it fails, recovery releases the turn.
            _ = ReleaseAsync(turn.Record);
        }

        chat.Close(new ChatConflictException("The activation has ended."));
    }

    /// <inheritdoc/>
    public async Task<bool> WakeAsync()
    {
        if (!pump.WaitsToStart)
        {
            await chat.RefreshAsync();
        }

        return chat.Queue.Count > 0;
    }

    /// <inheritdoc/>
    public async Task<AcceptedTurn> SendAsync(SendMessageRequest request, bool stream)
    {
        var accepted = await AcceptAsync(TurnRequest.From(request, stream));
        if (chat.IsClosed)
        {
            return accepted;
        }

        // If the model answers at once, the turn may have ended by now.
        var turn = chat.Queue.Find(accepted.TurnId);
        var log = turn is null ? chat.Ended.Find(accepted.TurnId) : turn.RunsHere ? turn.Log : null;
        if (log is null)
        {
            return accepted;
        }

        if (!stream && turn is { HasAnswered: true })
        {
            // The client waits for the end only, which is the next change. Another send would wait for the end, too.
            await log.Changed().WaitAsync(EndWait, chat.Server.Time, chat.Server.Release)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        var ready = log.After(0, EventLog.MaxEventsPerRead, EventLog.MaxBytesPerRead);
        if (ready.Ended)
        {
            log.Forget();
        }

        return accepted with { Ready = ready, Log = ready.Ended ? null : log };
    }

    /// <inheritdoc/>
    public Task<AcceptedTurn> RecordAsync(RecordHistoryRequest request) => AcceptAsync(TurnRequest.From(request));

    /// <inheritdoc cref="TurnAcceptor.AcceptAsync"/>
    public Task<AcceptedTurn> AcceptAsync(TurnRequest request) => acceptor.AcceptAsync(request);

    /// <inheritdoc/>
    public async Task<TurnEvents> ReadTurnAsync(string turnId, long afterOffset)
    {
        chat.ThrowIfClosed();
        var log = await FindLogAsync(turnId);
        var events = log.After(afterOffset, EventLog.MaxEventsPerRead, EventLog.MaxBytesPerRead);
        if (events.IsEmpty)
        {
            // Events are appended on this scheduler, so that none comes in between.
            await log.Changed().WaitAsync(ReadWait, chat.Server.Time, chat.Server.Release)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

            // Events that came in the last instant are returned, most importantly a turn's end.
            events = log.After(afterOffset, EventLog.MaxEventsPerRead, EventLog.MaxBytesPerRead);
            if (events.IsEmpty && chat.Server.Release.IsCancellationRequested)
            {
                throw ChatErrors.Stopping();
            }
        }

        if (events.Ended)
        {
            log.Forget();
        }

        return events;
    }

    /// <inheritdoc/>
    public Task<WatchEvents> WatchAsync(WatchChatRequest request, bool isFirst) => _watch.ReadAsync(request, isFirst);

    /// <inheritdoc/>
    public async Task<Turn> GetTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        chat.ThrowIfClosed();
        var turn = await FindTurnAsync(turnId, cancellationToken);
        turn = chat.Queue.Find(turnId) is { Record: { HasInput: true } active }
            ? turn.WithInputOf(active)
            : turn with { Input = await chat.ReadAsync(s => s.ReadInputAsync(chat.Key, turnId, cancellationToken)) ?? throw ChatErrors.TurnNotFound(turnId) };

        // Clients poll pending turns, and they sent the message.
        var snapshot = await LoadAsync(cancellationToken);
        return await chat.ReadAsync(s => new TurnViews(chat.Key, s, snapshot.Chat).OfAsync(turn, isFull: !turn.IsPending, cancellationToken).AsTask());
    }

    /// <inheritdoc/>
    public async Task<Turn> GetRequestedTurnAsync(string requestId, CancellationToken cancellationToken)
    {
        chat.ThrowIfClosed();
        if (await chat.ReadAsync(s => s.FindRequestAsync(chat.Key, requestId, cancellationToken)) is { } turn && turn is not { HasInput: true, Input.Move: not null })
        {
            return await GetTurnAsync(turn.TurnId, cancellationToken);
        }

        await LoadAsync(cancellationToken);
        throw ChatErrors.RequestNotFound(requestId);
    }

    /// <inheritdoc/>
    public async Task<Turn> CancelTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        ActiveTurn? turn;
        using (await chat.EnterAsync())
        {
            await chat.FindChatAsync();
            if (chat.Queue.Find(turnId) is null && (await FindTurnAsync(turnId, cancellationToken)).IsPending)
            {
                // Accepted elsewhere since this session read the chat.
                await chat.ReloadAsync();
            }

            turn = chat.Queue.Find(turnId);
            if (turn is not null)
            {
                if (turn.Record is { State: TurnState.Running, Stop: TurnStop.None } running)
                {
                    await chat.CommitAsync(new StopStep(running.Sequence, running.TurnId, TurnStop.Cancel));
                    turn.Record = running with { Stop = TurnStop.Cancel };
                }

                await pump.StopAsync(turn);
            }
        }

        if (turn is { Record.IsPending: true })
        {
            await turn.Log.EndedAsync(cancellationToken);
        }

        if (turn is null)
        {
            chat.ThrowIfClosed();
        }

        var ended = turn?.Record ?? await FindTurnAsync(turnId, cancellationToken);
        return ended.IsPending ? throw new ChatConflictException("The chat was written elsewhere.") : Views.Turn(ended);
    }

    /// <inheritdoc/>
    public async Task<Chat> CreateAsync(CreateChatRequest request)
    {
        RequireModel(request.Model, "model");
        return await creator.CreateAsync(request) ?? await GetAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<Chat> ForkAsync(ForkChatRequest request, ChatKey source)
    {
        if (request.Model.Length > 0)
        {
            RequireModel(request.Model, "model");
        }

        return await creator.ForkAsync(request, source) ?? await GetAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<Chat> GetAsync(CancellationToken cancellationToken)
    {
        chat.ThrowIfClosed();
        return Views.Chat(await LoadAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<Chat> RewindAsync(RewindChatRequest request, CancellationToken cancellationToken)
    {
        await head.MoveAsync(request, cancellationToken);
        return await GetAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<Chat> UpdateAsync(UpdateChatRequest request)
    {
        using (await chat.EnterAsync())
        {
            var before = await chat.FindChatAsync();
            if (request.UpdateMask.Paths.Contains("model"))
            {
                RequireModel(request.Chat.Model, "chat.model");
            }

            var now = chat.Now;
            var settings = NewChat.Changed(before.Settings, request, now, chat.Quota.Limits);
            var growth = settings.CalculateSize() - before.Settings.CalculateSize();
            await CheckGrowthAsync(before, growth);
            var setsExpiry = !Equals(settings.Ttl, before.Settings.Ttl) || !Equals(settings.ExpireTime, before.Settings.ExpireTime);
            await chat.CommitAsync(new UpdateStep(before.Version, settings, now, growth) { SetsExpiry = setsExpiry });
            chat.Cache.Update(settings, now, growth);
        }

        return await GetAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(string requestId)
    {
        using (await chat.EnterAsync())
        {
            var now = chat.Now;
            var step = new DeleteStep(requestId, now, now - RememberedDeletions);
            var deletion = (await chat.CommitAsync(step)).Deletion;
            if (deletion is not Deletion.DoneBefore)
            {
                chat.Quota.CountStored(deletion is Deletion.Done ? -(chat.Chat?.StoredBytes ?? 0) : 0);
                chat.Close(ChatErrors.ChatNotFound(chat.Key.ChatId));
            }

            return deletion is not Deletion.NotFound;
        }
    }

    /// <inheritdoc/>
    public async Task<GetHistoryResponse> GetHistoryAsync(GetHistoryRequest request, CancellationToken cancellationToken)
    {
        chat.ThrowIfClosed();
        var path = request.HasRevision ? await PathToAsync(await LoadAsync(cancellationToken), request.Revision, cancellationToken) : null;
        return await chat.ReadAsync(s => new HistoryPager(chat.Key, s, path, request).ReadAsync(cancellationToken))
            ?? throw ChatErrors.ChatNotFound(chat.Key.ChatId);
    }

    /// <inheritdoc/>
    public async Task<ListTurnsResponse> ListTurnsAsync(ListTurnsRequest request, CancellationToken cancellationToken)
    {
        chat.ThrowIfClosed();
        var snapshot = await LoadAsync(cancellationToken);
        var path = request.HasRevision ? await PathToAsync(snapshot, request.Revision, cancellationToken) : null;
        return await chat.ReadAsync(s => new TurnPager(chat.Key, s, snapshot.Chat, path, request).ReadAsync(cancellationToken))
            ?? throw ChatErrors.ChatNotFound(chat.Key.ChatId);
    }

    private async Task<ChatSnapshot> LoadAsync(CancellationToken cancellationToken) =>
        await chat.ReadAsync(s => s.LoadAsync(chat.Key, cancellationToken)) ?? throw ChatErrors.ChatNotFound(chat.Key.ChatId);

    private async Task<IReadOnlyList<SequenceRange>> PathToAsync(ChatSnapshot snapshot, long revision, CancellationToken cancellationToken)
    {
        var end = await chat.ReadAsync(s => TurnFinder.FindAsync(s, snapshot.Chat, revision, "revision", cancellationToken));
        return ChatPaths.To(snapshot.Chat.Tree, end.Sequence);
    }

    private async Task ReleaseAsync(TurnRecord turn)
    {
        try
        {
            await chat.ReadAsync(async store =>
            {
                await new OrphanedChat(chat.Key, turn.Sequence, turn.TurnId, turn.Attempt).ReleaseAsync(store, chat.Server.Owner);
                return true;
            });
        }
        catch (ChatException)
        {
            // Logged.
        }
    }

    private async ValueTask<EventLog> FindLogAsync(string turnId)
    {
        if (Exists && KnownLog(turnId) is { } known)
        {
            return known;
        }

        var record = await FindTurnAsync(turnId, CancellationToken.None);
        if (KnownLog(turnId) is { } since)
        {
            // Another reader's, or the turn is still pending as far as this session knows, which will get to know its end.
            return since;
        }

        if (record.IsPending)
        {
            // Accepted elsewhere since this session read the chat.
            await WakeAsync();
            return KnownLog(turnId) ?? throw new ChatConflictException("The chat was written elsewhere.");
        }

        var turn = new ActiveTurn(record, chat.Server.Time);
        turn.Replay();
        chat.Ended.Add(turn);
        return turn.Log;
    }

    private EventLog? KnownLog(string turnId) => chat.Queue.Find(turnId)?.Log ?? chat.Ended.Find(turnId);

    private async Task<TurnRecord> FindTurnAsync(string turnId, CancellationToken cancellationToken)
    {
        if (await chat.ReadAsync(s => s.FindTurnAsync(chat.Key, turnId, cancellationToken)) is { } turn)
        {
            return turn;
        }

        await LoadAsync(cancellationToken);
        throw ChatErrors.TurnNotFound(turnId);
    }

    // Settings that don't grow are always accepted.
    private async ValueTask CheckGrowthAsync(ChatRecord before, long growth)
    {
        if (growth <= 0)
        {
            return;
        }

        if (before.StoredBytes + chat.Queue.InputBytes + growth > options.MaxHistoryBytes)
        {
            throw ChatErrors.HistoryTooLarge(options.MaxHistoryBytes);
        }

        if (await chat.Quota.CheckBytesAsync(growth) is { } rejection)
        {
            throw LimitsLog.Rejected(logger, rejection);
        }
    }

    private void RequireModel(string model, string field)
    {
        if (!models.TryResolve(model, out _))
        {
            throw ChatErrors.UnknownModel(model, field);
        }
    }
}
