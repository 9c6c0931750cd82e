namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>A copy of a chat and of its pending turns: as they were read, and with each change that was committed here since.</summary>
internal sealed class ChatCache(ChatKey key, StoreReader reader, ServerState server, ChatMetrics metrics)
{
    private bool _isAbandoned;

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

    /// <summary>The tenant's quota on this server. Null: it isn't open yet.</summary>
    public ITenantQuota? Quota { get; private set; }

    /// <summary>Counts the turns, and what is stored, for a tenant from now on.</summary>
    public void CountFor(ITenantQuota quota)
    {
        Quota = quota;
        Queue.CountFor(quota);
    }

    /// <summary>Replaces the chat and its pending turns by what is stored.</summary>
    /// <returns>The turns that are no longer pending.</returns>
    public IReadOnlyList<ActiveTurn> Adopt(ChatSnapshot? snapshot)
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

    /// <summary>The chat's settings were changed.</summary>
    public void Update(ChatSettings settings, DateTimeOffset time, long growth)
    {
        Quota!.CountStored(growth);
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

    /// <summary>A turn was ended, and the cache has its chat as it was then, or later.</summary>
    public void End(ActiveTurn turn, TurnRecord ended)
    {
        turn.Record = ended;
        Queue.Remove(turn);
        metrics.Ended(key, ended, turn.Age);
        Quota!.CountEnded(turn.Age, ended.Outcome!.Usage?.TotalTokenCount ?? 0);
        Ended.Add(turn);
        turn.PublishEnd();
    }

    /// <summary>Whether a turn is another server's, which is alive.</summary>
    public bool RunsElsewhere(ActiveTurn turn) => turn.Record.Owner is { } owner && owner != server.Owner && !_isAbandoned;

    private void MoveHead(HeadChange head, TurnRecord turn)
    {
        Quota!.CountStored(head.StoredBytes);
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
}
