namespace GenAI.Chats.Engine.Sessions;

/// <summary>Reads the turns of a chat after a position, and their events, for one call of a watcher.</summary>
internal sealed class WatchedTurns(ChatState chat)
{
    private const int TurnsPerRead = 64;

    // The running turn that the call has waited for. When it has ended, another reader might have removed its events.
    private ActiveTurn? _awaited;

    /// <summary>Adds the events of turns, up to a number in the log.</summary>
    public async Task ReadAsync(WatchBatch batch, long last)
    {
        while (await ReadPendingAsync(batch) && batch.Position.Sequence < last)
        {
            await ReadAcceptedAsync(batch, last);
        }
    }

    /// <summary>Returns a task that completes with the next event of the running turn, if a turn of the position runs here.</summary>
    public Task? Appended(WatchPosition position)
    {
        _awaited = position.Pending is [var first, ..] ? chat.Queue.Find(first) : null;
        var appended = _awaited?.Log.Changed();
        return _awaited?.Log.LastOffset > position.Offset ? Task.CompletedTask : appended;
    }

    // Adds events of turns that the watcher knows as pending. Returns false if the batch is full.
    private async ValueTask<bool> ReadPendingAsync(WatchBatch batch)
    {
        foreach (var sequence in batch.Position.Pending)
        {
            if (batch.IsFull)
            {
                break;
            }

            if (Known(sequence) is var (turnId, log))
            {
                Add(batch, sequence, turnId, log);
            }
            else
            {
                await ReadEndedAsync(batch, sequence);
            }
        }

        return !batch.IsFull;
    }

    private async Task ReadEndedAsync(WatchBatch batch, long sequence)
    {
        var range = new LogRange(sequence - 1, 1, WatchBatch.MaxBytes, batch.Position.Incarnation) { BeforeSequence = sequence + 1, Scope = LogScope.Whole };
        var record = (await ReadLogAsync(range)).Turns is [var found, ..] ? found : null;
        if (record is { IsPending: true })
        {
            // Accepted elsewhere since this session read the chat.
            await chat.RefreshAsync();
            var (turnId, log) = Known(sequence) ?? throw new ChatConflictException("The chat was written elsewhere.");
            Add(batch, sequence, turnId, log);
        }
        else if (record is { TurnId.Length: > 0, Input.Move: null })
        {
            Replay(batch, record);
        }
        else
        {
            // The turn was erased.
            batch.MoveTo(batch.Position.End(sequence));
        }
    }

    // Adds turns that were accepted since, and their events if they have ended.
    private async Task ReadAcceptedAsync(WatchBatch batch, long last)
    {
        var range = new LogRange(batch.Position.Sequence, TurnsPerRead, WatchBatch.MaxBytes, batch.Position.Incarnation)
        {
            BeforeSequence = last + 1,
            Scope = LogScope.Whole,
        };
        var page = await ReadLogAsync(range);
        foreach (var record in page.Turns)
        {
            if (batch.IsFull)
            {
                return;
            }

            if (record.TurnId.Length == 0 || record.Input.Move is not null)
            {
                batch.MoveTo(batch.Position with { Sequence = record.Sequence });
                continue;
            }

            batch.Add(Accepted(record), record.Sequence);
            if (!record.IsPending)
            {
                Replay(batch, record);
            }
        }

        if (!page.HasMore && batch.Position.Sequence < last)
        {
            // The last turns were erased.
            batch.MoveTo(batch.Position with { Sequence = last });
        }
    }

    private (string TurnId, EventLog Log)? Known(long sequence) =>
        chat.Queue.Find(sequence) is { } turn ? (turn.Record.TurnId, turn.Log)
        : _awaited is { Log.Ended: true } ended && ended.Record.Sequence == sequence ? (ended.Record.TurnId, ended.Log)
        : chat.Ended.Find(sequence);

    private async Task<LogPage> ReadLogAsync(LogRange range) =>
        await chat.ReadAsync(s => s.ReadLogAsync(chat.Key, range, CancellationToken.None)) ?? throw ChatErrors.ChatNotFound(chat.Key.ChatId);

    private void Replay(WatchBatch batch, TurnRecord record)
    {
        var turn = new ActiveTurn(record, chat.Server.Time);
        turn.Replay();
        Add(batch, record.Sequence, record.TurnId, turn.Log);
        if (batch.Position.Pending.Contains(record.Sequence))
        {
            // The rest is for the next call.
            chat.Ended.Add(turn);
        }
    }

    private void Add(WatchBatch batch, long sequence, string turnId, EventLog log)
    {
        // Another turn than the first one has no events before its end.
        var isFirst = batch.Position.Pending[0] == sequence;
        if (!isFirst && !log.Ended)
        {
            return;
        }

        var (maxEvents, maxBytes) = isFirst && batch.HasChunks ? (WatchBatch.MaxEvents, WatchBatch.MaxBytes) : (int.MaxValue, int.MaxValue);
        foreach (var next in log.After(isFirst ? batch.Position.Offset : 0, maxEvents, maxBytes).Events)
        {
            batch.Add(sequence, turnId, EventBytes.Case(next) is TurnEvent.EventOneofCase.Ended ? WithParent(next) : next);
        }
    }

    private byte[] WithParent(byte[] bytes)
    {
        var next = TurnEvent.Parser.ParseFrom(bytes);
        if (next.Ended.Revision == 0)
        {
            return bytes;
        }

        next.Ended.ParentRevision = chat.Tree.ParentOf(next.Ended.Revision);
        return EventBytes.Of(next);
    }

    // The turn as it was accepted, no matter what has become of it.
    private Turn Accepted(TurnRecord record)
    {
        var accepted = Views.Turn(record with
        {
            State = TurnState.Queued,
            Attempt = 0,
            Revision = 0,
            Curated = false,
            StartTime = null,
            EndTime = null,
            Outcome = null,
        });
        accepted.Model = Views.ModelOf(record, chat.Chat!);
        accepted.Message = record.Input.Message;
        accepted.ParentRevision = record.Revision > 0 ? chat.Tree.ParentOf(record.Revision) : record.Input.Parent?.Revision ?? chat.Tree.HeadRevision;
        return accepted;
    }
}
