using GenAI.Chats.Engine.History;
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

    public static Answer Erased(TurnRecord turn) => new($"erased {turn.TurnId}");
}

/// <summary>
/// The contract said again in the plainest way: lists that are searched from end to end, one caller at a time. What a store does is
/// compared with it.
/// </summary>
internal sealed class ModelStore(ManualTimeProvider time)
{
    private readonly Dictionary<string, DateTimeOffset> _owners = [];
    private readonly HashSet<(ChatKey, string)> _deletions = [];

    public List<ModelChat> Chats { get; } = [];

    /// <summary>All stops that there have been.</summary>
    public HashSet<StoppedTurn> Stops { get; } = [];

    /// <summary>The number of forks, of moves of heads, and of those that erased turns.</summary>
    public (int Forks, int Moves, int Erasures) Counts { get; private set; }

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

        Chats.Add(new ModelChat { Head = step.Chat, Log = [.. step.History], Last = step.History.Count });
        return Answer.Done;
    }

    public Answer Fork(ForkStep step)
    {
        if (Find(step.Chat.Key) is { } chat)
        {
            return Answer.Found(chat.Head);
        }

        var last = step.Path.Count == 0 ? 0 : step.Path[^1].Last;
        if (Find(step.Source) is not { } source || source.Head.Incarnation != step.SourceIncarnation || last > source.Last
            || step.Path.Any(range => source.Gaps.Exists(gap => gap >= range.First && gap <= range.Last)))
        {
            return Answer.Conflict;
        }

        if (Chats.Count(other => other.Head.Key.Tenant == step.Chat.Key.Tenant) >= step.MaxChats)
        {
            return Answer.Limit;
        }

        Counts = Counts with { Forks = Counts.Forks + 1 };
        source.IsShared = true;
        Chats.Add(new ModelChat
        {
            Head = step.Chat,
            Log = [.. source.Log.Where(turn => IsOn(step.Path, turn)).Select(turn => turn with { RequestId = "" })],
            Gaps = [.. Enumerable.Range(1, (int)last).Select(number => (long)number).Where(number => !step.Path.Any(range => range.Contains(number)))],
            Last = last,
            IsShared = true,
        });
        return Answer.Done;
    }

    /// <summary>Whether a turn was erased, so that little is said of what a store still has of it.</summary>
    public bool IsErased(ChatKey key, string turnId) => Find(key)?.Erased.Exists(turn => turn.TurnId == turnId) ?? false;

    public Answer Accept(ChatKey key, AcceptStep step)
    {
        var turn = step.Turn;
        if (Find(key) is not { } chat)
        {
            return Answer.Conflict;
        }

        var holder = chat.Log.Concat(chat.Erased).FirstOrDefault(other => turn.RequestId != "" && other.RequestId == turn.RequestId);
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return IsErased(key, holder.TurnId) ? Answer.Erased(holder) : Answer.Found(holder);
        }

        var holds = turn.Sequence == chat.Last + 1
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
            chat.Put(holder with { RequestId = "" });
        }

        foreach (var other in chat.Log.FindAll(other => other.IsPending && other.Stop < step.StopsOthers))
        {
            StopOne(key, other, step.StopsOthers);
        }

        chat.Log.Add(turn);
        chat.Last = turn.Sequence;
        if (step.Head is not null)
        {
            Apply(chat, step.Head);
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
            || (step.Head.Recorded && chat.Log.Find(other => other.IsPending) != turn) || (step.Version ?? chat.Head.Version) != chat.Head.Version)
        {
            return Answer.Conflict;
        }

        Apply(chat, step.Head);
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

    public Answer UpdateSettings(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth)
    {
        if (Find(key) is not { } chat || chat.Head.Version != version)
        {
            return Answer.Conflict;
        }

        chat.Head = chat.Head with { Settings = settings, Version = version + 1, UpdateTime = updateTime, StoredBytes = chat.Head.StoredBytes + growth };
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

        var path = range.Scope is LogScope.Path ? range.Path ?? ChatPaths.ToHead(chat.Head.Tree) : [SequenceRange.All];
        var rest = chat.Log.Where(turn => turn.Sequence > range.AfterSequence && turn.Sequence < range.BeforeSequence && IsOn(path, turn)
            && (range.Scope is LogScope.Whole || turn.Revision > 0 || turn.TurnId == "") && (turn.Curated || !range.Curated)).ToList();
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

    private void Apply(ModelChat chat, HeadChange change)
    {
        var head = chat.Head with { StoredBytes = chat.Head.StoredBytes + change.StoredBytes, TotalUsage = change.TotalUsage };
        chat.Head = change.Recorded || change.Moves
            ? head with
            {
                Revision = head.Revision + 1,
                TurnCount = change.TurnCount ?? head.TurnCount + 1,
                UpdateTime = change.UpdateTime,
                OpenSequence = change.OpenSequence ?? head.OpenSequence,
                Tree = change.Tree ?? head.Tree,
            }
            : head;
        foreach (var closed in chat.Log.FindAll(turn => change.Closes.Contains(turn.Sequence)))
        {
            chat.Put(closed with { Curated = true });
        }

        Counts = (Counts.Forks, Counts.Moves + (change.Moves ? 1 : 0), Counts.Erasures + (change.Keeps is null ? 0 : 1));
        foreach (var number in Enumerable.Range(1, (int)chat.Last - 1).Where(number => change.Keeps is { } keeps && !keeps.Any(range => range.Contains(number))))
        {
            chat.Gaps.Add(number);
            chat.Erased.AddRange(chat.Log.Where(turn => turn.Sequence == number));
            chat.Log.RemoveAll(turn => turn.Sequence == number);
        }
    }

    private static bool IsOn(IReadOnlyList<SequenceRange> path, TurnRecord turn) => path.Any(range => range.Contains(turn.Sequence));
}

/// <summary>A chat of the model.</summary>
internal sealed class ModelChat
{
    public required ChatRecord Head { get; set; }

    /// <summary>The turns that exist, in order.</summary>
    public required List<TurnRecord> Log { get; init; }

    /// <summary>The turns that were erased. Their request ids stay in use.</summary>
    public List<TurnRecord> Erased { get; } = [];

    /// <summary>The numbers that no turn has anymore, or that are those of other branches of a fork's source.</summary>
    public List<long> Gaps { get; init; } = [];

    /// <summary>The number of the last turn.</summary>
    public required long Last { get; set; }

    /// <summary>Whether it shares turns with another chat.</summary>
    public bool IsShared { get; set; }

    public Dictionary<long, List<TurnProgress>> Progress { get; } = [];

    public HistoryTree Tree => new(Head.Tree, Head.Revision);

    /// <summary>The turn that has a revision, for a tree. Null if there is none.</summary>
    public TurnInput.Types.Parent? Recorded(long revision) => revision == 0
        ? new TurnInput.Types.Parent { Sequence = Log.LastOrDefault(turn => turn.TurnId == "")?.Sequence ?? 0 }
        : Log.Find(turn => turn.Revision == revision) is { } found ? new TurnInput.Types.Parent { Sequence = found.Sequence, Revision = revision } : null;

    public void Put(TurnRecord turn)
    {
        foreach (var turns in new[] { Log, Erased })
        {
            if (turns.FindIndex(other => other.Sequence == turn.Sequence) is >= 0 and var index)
            {
                turns[index] = turn;
            }
        }
    }

    public ChatSnapshot Snapshot(bool withConfig = true)
    {
        var settings = Head.Settings.Clone();
        settings.Config = withConfig ? settings.Config : null;
        return new ChatSnapshot(Head with { Settings = settings }, Last, Log.FindAll(turn => turn.IsPending));
    }
}
