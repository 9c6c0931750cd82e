using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.Tests.Model;

/// <summary>A chat of the model.</summary>
internal sealed class ModelChat
{
    // Each recorded turn's parent, by their revisions.
    private Dictionary<long, long> _parents = [];
    private long _headRevision;

    public required ChatRecord Head { get; set; }

    /// <summary>The turns that exist, in order.</summary>
    public required List<TurnRecord> Log { get; init; }

    /// <summary>The number of the last turn that there has been.</summary>
    public required long LastSequence { get; set; }

    /// <summary>The turns that were erased.</summary>
    public List<TurnRecord> Erased { get; } = [];

    /// <summary>The first turn that is this chat's alone: whether others are curated, stores may say for all chats that share them.</summary>
    public long FirstOwn { get; private set; } = 1;

    public Dictionary<long, List<TurnProgress>> Progress { get; } = [];

    /// <summary>The number of pieces of the initial history.</summary>
    public int Pieces => Log.Count(turn => turn.TurnId == "");

    public TurnRecord? FindRequest(string requestId) => Log.Concat(Erased).FirstOrDefault(turn => turn.RequestId == requestId);

    public void TakeRequestId(TurnRecord holder)
    {
        if (Erased.Remove(holder))
        {
            Erased.Add(holder with { RequestId = "" });
        }
        else
        {
            Put(holder with { RequestId = "" });
        }
    }

    public void Put(TurnRecord turn) => Log[Log.FindIndex(other => other.Sequence == turn.Sequence)] = turn;

    /// <summary>Whether each number of a path is that of a turn that exists.</summary>
    public bool HasAll(IReadOnlyList<SequenceRange> path) => path.All(range => Log.Count(turn => range.Contains(turn.Sequence)) == range.Last - range.First + 1);

    /// <summary>Whether a turn is on a path. Null: the path to the head.</summary>
    public bool IsOn(IReadOnlyList<SequenceRange>? path, TurnRecord turn)
    {
        if (path is not null)
        {
            return path.Any(range => range.Contains(turn.Sequence));
        }

        var at = _headRevision;
        while (at > turn.Revision)
        {
            at = _parents[at];
        }

        return at == turn.Revision;
    }

    public ModelChat Fork(ChatRecord head, IReadOnlyList<SequenceRange> path)
    {
        var end = path.Count == 0 ? 0 : path[^1].Last;
        FirstOwn = Math.Max(FirstOwn, end + 1);
        return new ModelChat
        {
            Head = head,
            Log = [.. Log.Where(turn => IsOn(path, turn)).Select(turn => turn with { RequestId = "" })],
            LastSequence = end,
            FirstOwn = end + 1,
            _parents = new(_parents),
            _headRevision = head.Revision,
        };
    }

    /// <summary>The head changes with a turn, or with an entry for a move.</summary>
    public void Apply(HeadChange change, TurnRecord turn, DateTimeOffset now)
    {
        var head = Head with
        {
            StoredBytes = Head.StoredBytes + change.StoredBytes,
            TotalUsage = change.TotalUsage,
            ExpireTime = change.Ttl is { } ttl ? now + ttl : Head.ExpireTime,
        };
        if (change.Recorded)
        {
            _parents[head.Revision + 1] = turn.Input.Parent?.Revision ?? _headRevision;
            _headRevision = head.Revision + 1;
        }
        else if (change.Moves)
        {
            _headRevision = turn.Input.Move.Revision;
        }

        Head = change.Recorded || change.Moves
            ? head with
            {
                Revision = head.Revision + 1,
                TurnCount = change.TurnCount ?? head.TurnCount + 1,
                UpdateTime = change.UpdateTime,
                OpenSequence = change.OpenSequence ?? head.OpenSequence,
                Tree = change.Tree ?? head.Tree,
            }
            : head;
        foreach (var closed in Log.FindAll(other => change.Closes.Contains(other.Sequence)))
        {
            Put(closed with { Curated = true });
        }

        if (change.Keeps is { } keeps)
        {
            var lost = Log.FindAll(other => other.Sequence < turn.Sequence && !IsOn(keeps, other));
            Erased.AddRange(lost.Where(other => other.TurnId != ""));
            Log.RemoveAll(lost.Contains);
        }
    }

    public ChatSnapshot Snapshot(bool withConfig = true)
    {
        var settings = Head.Settings.Clone();
        settings.Config = withConfig ? settings.Config : null;
        return new ChatSnapshot(Head with { Settings = settings }, LastSequence, Log.FindAll(turn => turn.IsPending));
    }
}
