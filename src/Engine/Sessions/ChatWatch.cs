using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>Reads what happened in a chat after a position: from the session's cache and the running turn's events, or from the store.</summary>
/// <remarks>
/// The store is right, and the cache tells only sooner: another server might have written to the chat. So the cache is compared with the store when a watch
/// begins, and about every <see cref="ChatSession.ReadWait"/> while there are watchers.
/// </remarks>
internal sealed class ChatWatch(ChatState chat)
{
    private long? _compared;
    private bool _isComparing;

    private TimeProvider Time => chat.Server.Time;

    /// <summary>
    /// Returns the events after the position of the request's token. Waits up to <see cref="ChatSession.ReadWait"/> for the next event if no event follows it.
    /// </summary>
    /// <param name="request">The token, and which events are wanted. The name isn't used.</param>
    /// <param name="isFirst">Whether a watch begins: the first event is the chat as the store has it, and the call doesn't wait.</param>
    /// <exception cref="ChatException">The chat doesn't exist, and the request has no token, or the token is invalid.</exception>
    public async Task<WatchEvents> ReadAsync(WatchChatRequest request, bool isFirst)
    {
        var from = request.Token.Length > 0 ? WatchPosition.Parse(request.Token, chat.Key) : null;
        try
        {
            chat.ThrowIfClosed();
            return from is null || isFirst ? await BeginAsync(from, request.Detail) : await ContinueAsync(new WatchBatch(chat.Key, from, request.Detail));
        }
        catch (ChatException failure) when (from is not null && failure.Reason == ChatErrors.ChatNotFound(chat.Key.ChatId).Reason)
        {
            return Deleted(from);
        }
    }

    private async Task<WatchEvents> BeginAsync(WatchPosition? from, Detail detail)
    {
        var snapshot = await CompareAsync() ?? throw ChatErrors.ChatNotFound(chat.Key.ChatId);
        if (from is not null && from.Incarnation != snapshot.Chat.Incarnation)
        {
            return Deleted(from);
        }

        if (from is not null && IsAhead(from))
        {
            throw ChatErrors.WatchToken();
        }

        var batch = new WatchBatch(chat.Key, from ?? Now(snapshot.Chat), detail);
        batch.Add(Views.Chat(snapshot), snapshot.Chat.Version);
        await FillAsync(batch, new WatchedTurns(chat));
        return batch.ToEvents();
    }

    private async Task<WatchEvents> ContinueAsync(WatchBatch batch)
    {
        if (IsAhead(batch.Position))
        {
            await chat.RefreshAsync();
            if (IsAhead(batch.Position))
            {
                throw ChatErrors.WatchToken();
            }
        }
        else if (!_isComparing && (_compared is not { } last || Time.GetElapsedTime(last) >= ChatSession.ReadWait))
        {
            // Not awaited: events don't wait for it. It handles its exceptions.
            _ = CompareInBackgroundAsync();
        }

        var turns = new WatchedTurns(chat);
        for (var start = Time.GetTimestamp(); ;)
        {
            // Taken first: a change during the reads isn't missed.
            var changed = chat.Changes.Next;
            chat.ThrowIfClosed();
            if (chat.RequireChat().Incarnation != batch.Position.Incarnation)
            {
                return Deleted(batch.Position);
            }

            await FillAsync(batch, turns);
            var left = ChatSession.ReadWait - Time.GetElapsedTime(start);
            if (batch.HasMoved || left <= TimeSpan.Zero)
            {
                return batch.ToEvents();
            }

            if (batch.HasChunks && turns.Appended(batch.Position) is { } appended)
            {
                changed = Task.WhenAny(changed, appended);
            }

            await WaitAsync(changed, left);
        }
    }

    // Compares the cache with the store, and returns what the store has.
    private async Task<ChatSnapshot?> CompareAsync()
    {
        _compared = Time.GetTimestamp();
        var snapshot = await chat.ReadAsync(s => s.LoadAsync(chat.Key, CancellationToken.None));
        if (!IsCached(snapshot))
        {
            await chat.RefreshAsync();
        }

        return snapshot;
    }

    private async Task CompareInBackgroundAsync()
    {
        _isComparing = true;
        try
        {
            await CompareAsync();
        }
        catch (Exception failure) when (failure is ChatException or ChatConflictException)
        {
            // Logged, or the session is closed.
        }
        finally
        {
            _isComparing = false;
        }
    }

    private bool IsCached(ChatSnapshot? snapshot) =>
        snapshot?.Chat is not { } stored || chat.Chat is not { } cached
            ? snapshot is null && chat.Chat is null
            : (stored.Incarnation, stored.Version, stored.Revision, snapshot.LastSequence) == (cached.Incarnation, cached.Version, cached.Revision, chat.LastSequence)
                && snapshot.Pending.Select(Key).SequenceEqual(chat.Queue.ToArray().Select(turn => Key(turn.Record)));

    private static (string TurnId, TurnState State, int Attempt, TurnStop Stop) Key(TurnRecord turn) => (turn.TurnId, turn.State, turn.Attempt, turn.Stop);

    // Whether a position has something that the cache doesn't have.
    private bool IsAhead(WatchPosition position) =>
        chat.Chat is { } cached && cached.Incarnation == position.Incarnation
        && (position.Version > cached.Version || position.Revision > cached.Revision || position.Sequence > chat.LastSequence);

    // The position of a watcher that knows the ended turns.
    private WatchPosition Now(ChatRecord record) => new()
    {
        Incarnation = record.Incarnation,
        Version = record.Version,
        Revision = record.Revision,
        Sequence = chat.Queue.First is { } first ? first.Record.Sequence - 1 : chat.LastSequence,
    };

    private WatchEvents Deleted(WatchPosition position)
    {
        var batch = new WatchBatch(chat.Key, position, Detail.Unspecified);
        batch.Delete();
        return batch.ToEvents();
    }

    private async Task FillAsync(WatchBatch batch, WatchedTurns turns)
    {
        // What comes during the reads is for the next call, so that a turn's end comes before the chat that has the turn.
        var record = chat.RequireChat();
        if (batch.HasTurns)
        {
            await turns.ReadAsync(batch, chat.LastSequence);
        }
        else
        {
            SkipTurns(batch);
        }

        if (batch.IsFull || IsSame(record, batch.Position.Version, batch.Position.Revision))
        {
            return;
        }

        // Not from the cache, which doesn't know when the chat expires.
        var snapshot = await chat.ReadAsync(s => s.LoadAsync(chat.Key, CancellationToken.None));
        if (snapshot is not null && snapshot.Chat.Incarnation == record.Incarnation && IsSame(snapshot.Chat, record.Version, record.Revision))
        {
            batch.Add(Views.Chat(snapshot), record.Version);
        }
        else
        {
            // Changed since. The turns that changed it come first.
            await chat.RefreshAsync();
        }
    }

    private static bool IsSame(ChatRecord record, long version, long revision) => record.Version == version && record.Revision == revision;

    // A watcher without turns is where a watch without a token would begin.
    private void SkipTurns(WatchBatch batch)
    {
        var now = Now(chat.Chat!) with { Version = batch.Position.Version, Revision = batch.Position.Revision };
        if (now.Sequence != batch.Position.Sequence || batch.Position.Pending.Count > 0)
        {
            batch.MoveTo(now);
        }
    }

    private async Task WaitAsync(Task changed, TimeSpan time)
    {
        try
        {
            await changed.WaitAsync(time, Time, chat.Server.Release);
        }
        catch (TimeoutException)
        {
            // The caller looks once more.
        }
        catch (OperationCanceledException)
        {
            throw new ChatConflictException("The server is stopping.");
        }
    }
}
