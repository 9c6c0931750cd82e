using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Transfer;

/// <summary>Converts the records of a store to messages of an export, and back.</summary>
internal static class TransferRecords
{
    /// <summary>Returns a head as a message.</summary>
    public static TransferChat ToMessage(ChatSnapshot snapshot)
    {
        var chat = snapshot.Chat;
        return new TransferChat
        {
            ChatId = chat.Key.ChatId,
            Settings = chat.Settings,
            Version = chat.Version,
            Revision = chat.Revision,
            Turns = snapshot.LastSequence,
            HistoryBytes = chat.StoredBytes,
            TotalUsage = chat.TotalUsage,
            OpenSequence = chat.OpenSequence,
            CreateTime = chat.CreateTime.ToTimestamp(),
            UpdateTime = chat.UpdateTime.ToTimestamp(),
            CreateRequestId = chat.CreateRequestId,
            CreateRequestHash = ByteString.CopyFrom(chat.CreateRequestHash.Span),
        };
    }

    /// <summary>Returns the head of a chat to create: with the final sums of its turns, but without the turns.</summary>
    public static ChatRecord ToNewChat(TransferChat chat, string tenant) => new()
    {
        Key = new ChatKey(tenant, chat.ChatId),
        Settings = chat.Settings,
        Version = chat.Version,
        StoredBytes = chat.HistoryBytes,
        TotalUsage = chat.TotalUsage,
        CreateTime = chat.CreateTime.ToDateTimeOffset(),
        UpdateTime = chat.UpdateTime.ToDateTimeOffset(),
        CreateRequestId = chat.CreateRequestId,
        CreateRequestHash = chat.CreateRequestHash.Memory,
        Incarnation = Guid.CreateVersion7().ToString("N"),
        Tree = chat.ForkedFrom is null ? null : new ChatTree { ForkedFrom = chat.ForkedFrom },
    };

    /// <summary>Returns a turn as a message. A running turn becomes a queued one, as if its owner had released it.</summary>
    public static TransferTurn ToMessage(TurnRecord turn, IEnumerable<TurnProgress> progress) => new()
    {
        Sequence = turn.Sequence,
        TurnId = turn.TurnId,
        RequestId = turn.RequestId,
        RequestHash = ByteString.CopyFrom(turn.RequestHash.Span),
        State = ToMessage(turn.State),
        Attempt = turn.Attempt,
        UsedAttempts = turn.UsedAttempts,
        Revision = turn.Revision,
        Curated = turn.Curated,
        CreateTime = turn.CreateTime.ToTimestamp(),
        StartTime = turn.IsPending ? null : turn.StartTime?.ToTimestamp(),
        EndTime = turn.EndTime?.ToTimestamp(),
        Input = turn.Input,
        Outcome = turn.Outcome,
        Progress = { progress },
        Stop = turn.IsPending ? (TransferTurn.Types.Stop)turn.Stop : TransferTurn.Types.Stop.Unspecified,
    };

    /// <summary>Returns a turn as a record.</summary>
    public static TurnRecord ToRecord(TransferTurn turn) => new()
    {
        Sequence = turn.Sequence,
        TurnId = turn.TurnId,
        RequestId = turn.RequestId,
        RequestHash = turn.RequestHash.Memory,
        State = ToRecord(turn.State),
        Attempt = turn.Attempt,
        UsedAttempts = turn.UsedAttempts,
        Revision = turn.Revision,
        Curated = turn.Curated,
        CreateTime = turn.CreateTime.ToDateTimeOffset(),
        StartTime = turn.StartTime?.ToDateTimeOffset(),
        EndTime = turn.EndTime?.ToDateTimeOffset(),
        Input = turn.Input ?? new TurnInput(),
        Outcome = turn.Outcome,
    };

    private static TransferTurn.Types.State ToMessage(TurnState state) => state switch
    {
        TurnState.Queued or TurnState.Running => TransferTurn.Types.State.Queued,
        TurnState.Completed => TransferTurn.Types.State.Completed,
        TurnState.Failed => TransferTurn.Types.State.Failed,
        TurnState.Cancelled => TransferTurn.Types.State.Cancelled,
        _ => TransferTurn.Types.State.Unspecified,
    };

    private static TurnState ToRecord(TransferTurn.Types.State state) => state switch
    {
        TransferTurn.Types.State.Queued => TurnState.Queued,
        TransferTurn.Types.State.Completed => TurnState.Completed,
        TransferTurn.Types.State.Failed => TurnState.Failed,
        TransferTurn.Types.State.Cancelled => TurnState.Cancelled,
        _ => TurnState.None,
    };
}
