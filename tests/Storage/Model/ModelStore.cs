using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests.Model;

/// <summary>What a step came to: done, refused, or answered with what was there.</summary>
internal readonly record struct Answer(string Text)
{
    public static Answer Done { get; } = new("done");

    public static Answer Conflict { get; } = new("conflict");

    public static Answer Limit { get; } = new("limit");

    public static Answer Found(ChatRecord chat) => new(Render.Of(chat));

    public static Answer Found(TurnRecord turn) => new(Render.Of(turn));

    /// <summary>A turn that was erased, of which a store may have kept no more than its IDs.</summary>
    public static Answer Erased(TurnRecord turn) => new($"erased {turn.Sequence} '{turn.TurnId}' '{turn.RequestId}' {turn.State} revision {turn.Revision}");
}

/// <summary>
/// The contract said again in the plainest way: lists that are searched from end to end, one caller at a time. What a store does is
/// compared with it.
/// </summary>
internal sealed class ModelStore(ManualTimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> _owners = [];
    private readonly HashSet<(ChatKey, string)> _deletions = [];

    // The tenant of each chat that has expired.
    private readonly List<string> _expired = [];

    /// <summary>The chats, except those that have expired.</summary>
    public List<ModelChat> Chats
    {
        get
        {
            var expired = field.FindAll(chat => chat.Head.ExpireTime <= time.GetUtcNow() && !chat.Log.Exists(turn => turn.IsPending));
            _expired.AddRange(expired.Select(chat => chat.Head.Key.Tenant));
            field.RemoveAll(expired.Contains);
            return field;
        }
    } = [];

    /// <summary>All stops that there have been.</summary>
    public HashSet<StoppedTurn> Stops { get; } = [];

    public ModelChat? Find(ChatKey key) => Chats.Find(chat => chat.Head.Key == key);

    public Answer Create(CreateStep step)
    {
        if (Find(step.Chat.Key) is { } chat)
        {
            return Answer.Found(chat.Head);
        }

        if (Chats.Count(other => other.Head.Key.Tenant == step.Chat.Key.Tenant) >= step.MaxChats)
        {
            return Answer.Limit;
        }

        Chats.Add(new ModelChat { Head = Expiring(step.Chat), Log = [.. step.History], LastSequence = step.History.Count });
        return Answer.Done;
    }

    /// <summary>Whether a tenant may have its maximum of chats. A store counts expired chats until it removes them.</summary>
    public bool MayBeFull(string tenant, long maxChats) =>
        Chats.Count(chat => chat.Head.Key.Tenant == tenant) + _expired.Count(other => other == tenant) >= maxChats;

    public Answer Fork(ChatKey key, ForkStep step)
    {
        if (Find(key) is { } chat)
        {
            return Answer.Found(chat.Head);
        }

        if (Find(step.Source) is not { } source || source.Head.Incarnation != step.SourceIncarnation || !source.HasAll(step.Path))
        {
            return Answer.Conflict;
        }

        if (Chats.Count(other => other.Head.Key.Tenant == key.Tenant) >= step.MaxChats)
        {
            return Answer.Limit;
        }

        Chats.Add(source.Fork(Expiring(step.Chat), step.Path));
        return Answer.Done;
    }

    public Answer Accept(ChatKey key, AcceptStep step)
    {
        var turn = step.Turn;
        if (Find(key) is not { } chat)
        {
            return Answer.Conflict;
        }

        var holder = turn.RequestId == "" ? null : chat.FindRequest(turn.RequestId);
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return chat.Erased.Contains(holder) ? Answer.Erased(holder) : Answer.Found(holder);
        }

        var holds = turn.Sequence == chat.LastSequence + 1
            && chat.Head.Version == step.Version
            && (step.ExpectedRevision is null || step.ExpectedRevision == chat.Head.Revision)
            && (step.Head is null || step.Head.ExpectedRevision == chat.Head.Revision)
            && (turn.State == TurnState.Queued || !chat.Log.Exists(other => other.IsPending))
            && !chat.Log.Concat(chat.Erased).Any(other => other.TurnId == turn.TurnId)
            && (step.Replaces is null || (holder is not null && !holder.IsPending && holder.Revision == 0));
        if (!holds)
        {
            return Answer.Conflict;
        }

        if (holder is not null)
        {
            chat.TakeRequestId(holder);
        }

        foreach (var other in chat.Log.FindAll(other => other.IsPending && other.Stop < step.StopsOthers))
        {
            StopOne(key, other, step.StopsOthers);
        }

        chat.Log.Add(turn);
        chat.LastSequence = turn.Sequence;
        if (step.Head is not null)
        {
            chat.Apply(step.Head, turn, time.GetUtcNow());
        }

        return Answer.Done;
    }

    public Answer Start(ChatKey key, StartStep step)
    {
        var turn = Find(key)?.Log.Find(other => other.IsPending);
        if (turn is null || turn.Sequence != step.Sequence || turn.TurnId != step.TurnId || turn.Stop != TurnStop.None || turn.Attempt + 1 != step.Attempt
            || Find(key)!.Head.Revision != step.ExpectedRevision || !(turn.Owner == step.Owner || IsGone(turn.Owner)))
        {
            return Answer.Conflict;
        }

        return Put(key, turn with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        });
    }

    public Answer End(ChatKey key, EndStep step)
    {
        var chat = Find(key);
        var turn = chat?.Log.Find(other => other.IsPending && other.Sequence == step.Sequence && other.Attempt == step.Attempt);
        if (turn is null || turn.TurnId != step.TurnId || turn.Stop != step.Stop
            || (turn.State is TurnState.Running) != step.IsRunning || chat!.Head.Revision != step.Head.ExpectedRevision
            || (step.Owner is null ? !IsGone(turn.Owner) : turn.Owner != step.Owner)
            || (step.Head.Recorded && chat.Log.Find(other => other.IsPending) != turn))
        {
            return Answer.Conflict;
        }

        chat.Apply(step.Head, turn, time.GetUtcNow());
        if (step.HasProgress)
        {
            chat.Progress.Remove(turn.Sequence);
        }

        return Put(key, turn with
        {
            State = step.State,
            Owner = null,
            Revision = step.Head.Recorded ? chat.Head.Revision : 0,
            Curated = step.Curated,
            Outcome = step.Outcome,
            EndTime = step.EndTime,
        });
    }

    public Answer Stop(ChatKey key, StopStep step)
    {
        var turn = Find(key)?.Log.Find(other => other.IsPending && other.Sequence == step.Sequence && other.TurnId == step.TurnId);
        return turn is null ? Answer.Conflict : StopOne(key, turn, step.Stop > turn.Stop ? step.Stop : turn.Stop);
    }

    public Answer Release(ChatKey key, ReleaseStep step)
    {
        var turn = Find(key)?.Log.Find(other => other.State == TurnState.Running && other.TurnId == step.TurnId
            && other.Sequence == step.Sequence && other.Attempt == step.Attempt && other.Owner == step.Owner);
        return turn is null ? Answer.Conflict : Put(key, turn with { State = TurnState.Queued, Owner = null, StartTime = null });
    }

    public Answer KeepProgress(ChatKey key, ProgressStep step)
    {
        var turn = Find(key)?.Log.Find(other => other.State == TurnState.Running && other.TurnId == step.TurnId
            && other.Sequence == step.Sequence && other.Attempt == step.Attempt && other.Owner == step.Owner);
        if (turn is null || ReadProgress(key, step.Sequence).Count != step.Place)
        {
            return Answer.Conflict;
        }

        Find(key)!.Progress[step.Sequence] = [.. ReadProgress(key, step.Sequence), step.Progress];
        return Answer.Done;
    }

    public List<TurnProgress> ReadProgress(ChatKey key, long sequence) => Find(key)?.Progress.GetValueOrDefault(sequence) ?? [];

    public Answer Update(ChatKey key, UpdateStep step)
    {
        if (Find(key) is not { } chat || chat.Head.Version != step.Version)
        {
            return Answer.Conflict;
        }

        var head = chat.Head with
        {
            Settings = step.Settings, Version = step.Version + 1, UpdateTime = step.UpdateTime, StoredBytes = chat.Head.StoredBytes + step.Growth,
        };
        chat.Head = step.SetsExpiry ? Expiring(head) : head;
        return Answer.Done;
    }

    public Answer Delete(ChatKey key, string requestId)
    {
        if (_deletions.Contains((key, requestId)))
        {
            return new Answer(nameof(Deletion.DoneBefore));
        }

        if (Chats.RemoveAll(chat => chat.Head.Key == key) == 0)
        {
            return new Answer(nameof(Deletion.NotFound));
        }

        _deletions.Add((key, requestId));
        return new Answer(nameof(Deletion.Done));
    }

    public List<StoppedTurn> Beat(string owner, TimeSpan lifetime)
    {
        _owners[owner] = time.GetUtcNow() + lifetime;
        return [.. Chats.SelectMany(chat => chat.Log)
            .Where(turn => turn.IsPending && turn.Owner == owner && turn.Stop != TurnStop.None)
            .Select(turn => new StoppedTurn(turn.TurnId, turn.Stop))];
    }

    public void Leave(string owner) => _owners.Remove(owner);

    public LogPage? ReadLog(ChatKey key, LogRange range)
    {
        if (Find(key) is not { } chat || (range.Incarnation is { } incarnation && incarnation != chat.Head.Incarnation))
        {
            return null;
        }

        var rest = chat.Log.Where(turn => turn.Sequence > range.AfterSequence && turn.Sequence < range.BeforeSequence && (turn.Curated || !range.Curated)
            && (range.Scope is LogScope.Whole || turn.Revision > 0 || turn.TurnId == "")
            && (range.Scope is not LogScope.Path || chat.IsOn(range.Path, turn))).ToList();
        if (range.NewestFirst)
        {
            rest.Reverse();
        }

        var count = 0;
        for (var bytes = 0L; count < rest.Count && count < range.MaxTurns && (count == 0 || bytes < range.MaxBytes); count++)
        {
            bytes += rest[count].Input.CalculateSize() + (rest[count].Outcome?.CalculateSize() ?? 0);
        }

        return new LogPage(rest[..count], chat.Head.Revision, count < rest.Count, chat.Head.Incarnation, chat.Head.Tree);
    }

    public ChatListPage List(ChatListQuery query)
    {
        var all = Chats.Where(chat => chat.Head.Key.Tenant == query.Tenant && query.Labels.All(label => chat.Head.Settings.Labels.Contains(label)))
            .OrderByDescending(chat => chat.Head.UpdateTime).ThenBy(chat => chat.Head.Key.ChatId, StringComparer.Ordinal)
            .SkipWhile(chat => query.After is { } after && (chat.Head.UpdateTime > after.UpdateTime
                || (chat.Head.UpdateTime == after.UpdateTime && string.CompareOrdinal(chat.Head.Key.ChatId, after.ChatId) <= 0)))
            .ToList();
        var page = all.Take(query.PageSize).Select(chat => chat.Snapshot(withConfig: false)).ToList();
        return new ChatListPage(
            page, all.Count > page.Count ? new ChatListPosition(page[^1].Chat.UpdateTime, page[^1].Chat.Key.ChatId) : null);
    }

    public List<ChatKey> FindAbandoned() =>
    [
        .. Chats.Select(chat => (chat.Head.Key, First: chat.Log.Find(turn => turn.IsPending)))
            .Where(waiting => waiting.First is not null && IsGone(waiting.First.Owner))
            .OrderBy(waiting => waiting.First!.Owner is null)
            .ThenBy(waiting => waiting.First!.CreateTime).ThenBy(waiting => waiting.Key.ToString(), StringComparer.Ordinal)
            .Select(waiting => waiting.Key),
    ];

    private bool IsGone(string? owner) => owner is null || !_owners.TryGetValue(owner, out var until) || time.GetUtcNow() > until;

    private Answer StopOne(ChatKey key, TurnRecord turn, TurnStop stop)
    {
        Stops.Add(new StoppedTurn(turn.TurnId, stop));
        return Put(key, turn with { Stop = stop });
    }

    private Answer Put(ChatKey key, TurnRecord turn)
    {
        Find(key)!.Put(turn);
        return Answer.Done;
    }

    private ChatRecord Expiring(ChatRecord chat) => chat with
    {
        ExpireTime = chat.Settings.ExpireTime?.ToDateTimeOffset() ?? time.GetUtcNow() + chat.Settings.Ttl?.ToTimeSpan(),
    };
}
