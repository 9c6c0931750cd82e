using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// A head as it is to become, with the records that must be there before it. What a head holds is bounded, so that a step writes about as much at turn
/// 10,000 as at turn 10: large payloads go into records of their own, the log's end into pages, pages into branches.
/// </summary>
internal sealed class HeadEdit
{
    private const int MaxDeletions = 8;

    private readonly ChatKey _key;
    private readonly HeadLimits _limits;
    private readonly List<NewRecord> _records = [];

    public HeadEdit(ChatKey key, ChatHead head, HeadLimits limits)
    {
        _key = key;
        _limits = limits;
        Head = head.Clone();
    }

    /// <summary>The head, to be changed.</summary>
    public ChatHead Head { get; }

    /// <summary>The chat, to be changed.</summary>
    public ChatHead.Types.Chat Chat => Head.Chat;

    /// <summary>What has to be written before the head.</summary>
    public IReadOnlyList<NewRecord> Records => _records;

    /// <summary>Puts bytes into the head, or into records of their own.</summary>
    public Payload Put(byte[] data, bool isInline = true)
    {
        var payload = new Payload { Size = data.Length };
        if (isInline && data.Length <= _limits.InlineBytes && (Head.Chat?.CalculateSize() ?? 0) + data.Length <= _limits.HeadBytes)
        {
            payload.Data = UnsafeByteOperations.UnsafeWrap(data);
            return payload;
        }

        payload.Record = RecordName.NewRecord();
        foreach (var part in data.Length == 0 ? [data] : data.Chunk(_limits.PartBytes))
        {
            _records.Add(new NewRecord(RecordName.PartOf(_key, payload.Record, payload.Parts++), part, null));
        }

        return payload;
    }

    /// <summary>Says that nothing names a payload any more.</summary>
    public void Release(Payload? payload)
    {
        if (payload is { Record.Length: > 0 })
        {
            Head.Garbage.Add(new RecordRef { Kind = RecordName.Payload, Record = payload.Record, Parts = payload.Parts });
        }
    }

    /// <summary>A page or branch that this edit makes, and that nobody can read yet; null where it is another one.</summary>
    public T? Find<T>(LogRef record)
        where T : class, IMessage<T> => _records.Find(made => IsOf(made, record)).Message as T;

    /// <summary>A changed page or branch in place of another one.</summary>
    public LogRef Replace(LogRef old, string kind, IReadOnlyList<LogTurn>? turns, IReadOnlyList<LogRef>? refs)
    {
        if (_records.RemoveAll(made => IsOf(made, old)) == 0)
        {
            Head.Garbage.Add(new RecordRef { Kind = kind, Record = old.Record });
        }

        return turns is not null ? AddPage(turns) : AddBranch(refs!);
    }

    /// <summary>Appends a turn. Its sequence follows the last one's.</summary>
    public void Append(LogTurn turn)
    {
        Chat.Tail.Add(turn);
        Chat.LastSequence = turn.Sequence;
    }

    /// <summary>Keeps the request id of the chat's deletion, and forgets old ones.</summary>
    public void Deleted(DeleteStep step)
    {
        var deletions = Head.Deletions;
        while (deletions.Count > 0 && (deletions.Count >= MaxDeletions || deletions[0].Time < step.ForgottenBefore.UtcTicks))
        {
            deletions.RemoveAt(0);
        }

        deletions.Add(new ChatHead.Types.Deletion { RequestId = step.RequestId, Time = step.Time.UtcTicks });
    }

    /// <summary>Makes pages of the tail's ended turns, where they are enough.</summary>
    public void Seal()
    {
        while (FullPage() is { Count: > 0 } turns)
        {
            Level(0).Add(AddPage(turns));
            for (var i = 0; i < turns.Count; i++)
            {
                Chat.Tail.RemoveAt(0);
            }

            SealLevels();
        }
    }

    private bool IsOf(in NewRecord made, LogRef record) => made.Name == RecordName.OfChat(made.Name.Kind, _key, record.Record);

    private void SealLevels()
    {
        for (var level = 0; level < Chat.Levels.Count; level++)
        {
            var refs = Level(level);
            if (refs.Count >= _limits.BranchRefs || refs.Sum(page => page.Prints.Count) >= _limits.BranchPrints)
            {
                var branch = AddBranch([.. refs]);
                refs.Clear();
                Level(level + 1).Add(branch);
            }
        }
    }

    private List<LogTurn> FullPage()
    {
        var turns = new List<LogTurn>();
        var bytes = 0;
        foreach (var turn in Chat.Tail.TakeWhile(turn => !TurnMapping.IsPending(turn)))
        {
            turns.Add(turn);
            bytes += turn.CalculateSize();
            if (turns.Count == _limits.PageTurns || bytes >= _limits.PageBytes)
            {
                return turns;
            }
        }

        return [];
    }

    private RepeatedField<LogRef> Level(int level)
    {
        while (Chat.Levels.Count <= level)
        {
            Chat.Levels.Add(new ChatHead.Types.Level());
        }

        return Chat.Levels[level].Refs;
    }

    private LogRef AddPage(IReadOnlyList<LogTurn> turns)
    {
        var page = new PageRecord { Format = ChatFiles.Format, Turns = { turns } };
        return new LogRef
        {
            Record = Add(RecordName.Page, page),
            FirstSequence = turns[0].Sequence,
            Turns = turns.Count,
            Recorded = turns.Count(TurnMapping.IsRecorded),
            Curated = turns.Count(turn => turn.Curated),
            Prints = { IdPrints.Of(turns) },
        };
    }

    private LogRef AddBranch(IReadOnlyList<LogRef> refs)
    {
        var branch = new BranchRecord { Format = ChatFiles.Format, Refs = { refs } };
        var branchRef = new LogRef
        {
            Record = Add(RecordName.Branch, branch),
            FirstSequence = refs[0].FirstSequence,
            Turns = refs.Sum(child => child.Turns),
            Recorded = refs.Sum(child => child.Recorded),
        };
        if (refs.All(child => child.HasCurated))
        {
            branchRef.Curated = refs.Sum(child => child.Curated);
        }

        return branchRef;
    }

    private string Add(string kind, IMessage message)
    {
        var record = RecordName.NewRecord();
        _records.Add(new NewRecord(RecordName.OfChat(kind, _key, record), message.ToByteArray(), message));
        return record;
    }
}
