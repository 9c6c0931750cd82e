namespace GenAI.Chats.Engine.History;

/// <summary>Converts records to messages of the contract.</summary>
internal static class Views
{
    /// <summary>Converts a turn.</summary>
    public static Turn Turn(TurnRecord record)
    {
        var turn = StartedTurn(record);
        turn.State = (Turn.Types.State)record.State;
        turn.Revision = record.Revision;
        turn.Curated = record.Curated;
        turn.EndTime = record.EndTime is { } end ? Timestamp.FromDateTimeOffset(end) : null;
        if (record.Outcome is { } outcome)
        {
            turn.FinishReason = outcome.FinishReason;
            turn.Usage = outcome.Usage;
            turn.ModelVersion = outcome.ModelVersion;
            turn.Model = outcome.Model;
            turn.Error = outcome.Error;
        }

        return turn;
    }

    /// <summary>Returns the model that runs a turn.</summary>
    public static string ModelOf(TurnRecord record, ChatRecord chat) =>
        record is { HasInput: true, Input.Model: { Length: > 0 } own } ? own : chat.Settings.Model;

    /// <summary>Converts a chat.</summary>
    public static Chat Chat(ChatSnapshot snapshot)
    {
        var (chat, pending) = (snapshot.Chat, snapshot.Pending);
        var running = pending.FirstOrDefault(t => t.State == TurnState.Running);
        var view = new Chat
        {
            Name = chat.Key.Name,
            Model = chat.Settings.Model,
            Config = chat.Settings.Config,
            DisplayName = chat.Settings.DisplayName,
            CreateTime = Timestamp.FromDateTimeOffset(chat.CreateTime),
            UpdateTime = Timestamp.FromDateTimeOffset(chat.UpdateTime),
            Revision = chat.Revision,
            TurnCount = chat.TurnCount,
            TotalUsage = chat.TotalUsage,
            ActiveTurnId = running?.TurnId ?? "",
            QueuedTurns = running is null ? pending.Count : pending.Count - 1,
            HeadRevision = new HistoryTree(chat.Tree, chat.Revision).HeadRevision,
            ForkedFrom = chat.Tree?.ForkedFrom,
            Ttl = chat.Settings.Ttl,
            ExpireTime = chat.ExpireTime is { } expires ? Timestamp.FromDateTimeOffset(expires) : null,
        };
        view.Labels.Add(chat.Settings.Labels);
        return view;
    }

    /// <summary>
    /// Returns all events of a turn that has ended, as a reader of its last attempt gets them: its start if it was started, the chunks, and the end.
    /// </summary>
    public static IEnumerable<TurnEvent> Events(TurnRecord record)
    {
        // An end without a start comes after all events that an earlier attempt may have published.
        var started = record.StartTime is not null;
        var offset = EventOffsets.Before(started || record.Attempt == 0 ? record.Attempt : record.Attempt + 1);
        if (started)
        {
            yield return Started(record, ++offset);
        }

        if (record.Outcome is { } outcome)
        {
            foreach (var chunk in ChunkDecoder.Decode(outcome.Chunks, outcome.Contents))
            {
                yield return new TurnEvent { Offset = ++offset, Chunk = chunk };
            }

            offset += outcome.DroppedChunks;
        }

        yield return new TurnEvent { Offset = ++offset, Ended = Turn(record) };
    }

    /// <summary>Returns the event of an attempt's start, which is the same during the turn and in each replay.</summary>
    public static TurnEvent Started(TurnRecord record, long offset) => new() { Offset = offset, Started = StartedTurn(record) };

    // The turn when its attempt started, no matter what has become of it.
    private static Turn StartedTurn(TurnRecord record) => new()
    {
        TurnId = record.TurnId,
        RequestId = record.RequestId,
        State = V1.Turn.Types.State.Running,
        Attempt = record.Attempt,
        CreateTime = Timestamp.FromDateTimeOffset(record.CreateTime),
        StartTime = record.StartTime is { } start ? Timestamp.FromDateTimeOffset(start) : null,
    };
}
