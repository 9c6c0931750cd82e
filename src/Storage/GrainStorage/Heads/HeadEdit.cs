using Google.Protobuf.Collections;

namespace GenAI.Chats.Storage.GrainStorage.Heads;

/// <summary>
/// A change of a head, with the records that must be written before it. The size of a head is limited, so that a step writes about as much at turn
/// 10,000 as at turn 10: large payloads go to records of their own, the ended turns of the tail to pages, and pages to index nodes.
/// </summary>
internal sealed class HeadEdit
{
    private const int MaxDeletions = 8;

    private readonly ChatKey _key;
    private readonly HeadLimits _limits;
    private readonly List<NewRecord> _records = [];
    private ChatHead.Types.Chat? _dropped;

    public HeadEdit(ChatKey key, ChatHead head, HeadLimits limits)
    {
        _key = key;
        _limits = limits;
        Head = head.Clone();
    }

    /// <summary>The changed head.</summary>
    public ChatHead Head { get; }

    /// <summary>The changed chat.</summary>
    public ChatHead.Types.Chat Chat => Head.Chat;

    /// <summary>The records to write before the head.</summary>
    public IReadOnlyList<NewRecord> Records => _records;

    /// <summary>Adds bytes to the head, or to records of their own.</summary>
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

    /// <summary>Adds a payload to the garbage.</summary>
    public void Release(Payload? payload)
    {
        if (payload is { Record.Length: > 0 })
        {
            Head.Garbage.Add(new RecordRef { Kind = RecordName.Payload, Record = payload.Record, Parts = payload.Parts });
        }
    }

    /// <summary>Returns the turns of a page that this change adds, or null.</summary>
    public IReadOnlyList<LogTurn>? FindPage(LogRef page) => (Find(page)?.Message as PageRecord)?.Turns;

    /// <summary>Returns the references of an index node that this change adds, or null.</summary>
    public IReadOnlyList<LogRef>? FindNode(LogRef node) => (Find(node)?.Message as IndexNodeRecord)?.Refs;

    /// <summary>Adds a page with changed turns.</summary>
    public LogRef Replace(LogRef page, IReadOnlyList<LogTurn> turns)
    {
        Withdraw(page);
        return AddPage(turns);
    }

    /// <summary>Adds an index node with changed references.</summary>
    public LogRef Replace(LogRef node, IReadOnlyList<LogRef> refs)
    {
        Withdraw(node);
        return AddNode(refs);
    }

    /// <summary>Adds a page or node that was replaced to the garbage, but not the records that it names.</summary>
    public void Release(LogRef page, int level)
    {
        if (page.Chat.Length > 0 || Head.HasForks)
        {
            // Other chats might have it.
            Drop(page, level);
        }
        else
        {
            Head.Garbage.Add(new RecordRef { Kind = level == 0 ? RecordName.Page : RecordName.IndexNode, Record = page.Record });
        }
    }

    /// <summary>Adds a page or node, and all records that it names, to the records that are cleared unless a chat still has them.</summary>
    public void Drop(LogRef page, int level)
    {
        while (Dropped().Levels.Count <= level)
        {
            Dropped().Levels.Add(new ChatHead.Types.Level());
        }

        Dropped().Levels[level].Refs.Add(page);
    }

    /// <summary>Adds the records of a turn's payloads to the records that are cleared unless a chat still has them.</summary>
    public void Drop(LogTurn turn)
    {
        if (TurnMapping.OnlyRecords(turn) is { Input: not null } or { Outcome: not null })
        {
            Dropped().Tail.Add(TurnMapping.OnlyRecords(turn));
        }
    }

    /// <summary>Deletes the chat. Its records are cleared unless another chat has them.</summary>
    public void Delete()
    {
        Head.Deleted.Add(new ChatHead.Types.Chat
        {
            Config = Chat.Config is { Record.Length: > 0 } config ? config : null,
            Tail = { Chat.Tail.Select(TurnMapping.OnlyRecords) },
            Levels = { Chat.Levels },
            Origins = { Chat.Origins },
            ForkId = Chat.ForkId,
        });
        Head.Chat = null;
    }

    /// <summary>Appends a turn. Its number follows the last one.</summary>
    public void Append(LogTurn turn)
    {
        Chat.Tail.Add(turn);
        Chat.LastSequence = turn.Sequence;
    }

    /// <summary>Adds the request ID of the chat's deletion, and removes old ones.</summary>
    public void Deleted(DeleteStep step)
    {
        var deletions = Head.Deletions;
        while (deletions.Count > 0 && (deletions.Count >= MaxDeletions || deletions[0].Time < step.ForgottenBefore.UtcTicks))
        {
            deletions.RemoveAt(0);
        }

        deletions.Add(new ChatHead.Types.Deletion { RequestId = step.RequestId, Time = step.Time.UtcTicks });
    }

    /// <summary>Makes pages of the ended turns in the tail, if there are enough.</summary>
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

    private ChatHead.Types.Chat Dropped()
    {
        if (_dropped is null)
        {
            Head.Deleted.Add(_dropped = new ChatHead.Types.Chat { Origins = { Chat.Origins } });
        }

        return _dropped;
    }

    private NewRecord? Find(LogRef record)
    {
        var index = _records.FindIndex(made => IsOf(made, record));
        return index < 0 ? null : _records[index];
    }

    private void Withdraw(LogRef record) => _records.RemoveAll(made => IsOf(made, record));

    private bool IsOf(in NewRecord made, LogRef record) =>
        record.Chat.Length == 0 && made.Message is not null && made.Name == RecordName.OfChat(made.Name.Kind, _key, record.Record);

    private void SealLevels()
    {
        for (var level = 0; level < Chat.Levels.Count; level++)
        {
            var refs = Level(level);
            if (refs.Count >= _limits.NodeRefs || refs.Sum(page => page.Hashes.Count) >= _limits.NodeHashes)
            {
                var node = AddNode([.. refs]);
                refs.Clear();
                Level(level + 1).Add(node);
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
        var page = new PageRecord { Format = RecordFormat.Linear, Turns = { turns } };
        return WithLast(turns[^1].Sequence, new LogRef
        {
            Record = Add(RecordName.Page, page),
            FirstSequence = turns[0].Sequence,
            Turns = turns.Count,
            Recorded = turns.Count(TurnMapping.IsRecorded),
            Curated = turns.Count(turn => turn.Curated),
            Hashes = { IdHashes.Of(turns) },
        });
    }

    private LogRef AddNode(IReadOnlyList<LogRef> refs)
    {
        var node = new IndexNodeRecord { Format = RecordFormat.Linear, Refs = { refs } };
        var nodeRef = new LogRef
        {
            Record = Add(RecordName.IndexNode, node),
            FirstSequence = refs[0].FirstSequence,
            Turns = refs.Sum(child => child.Turns),
            Recorded = refs.Sum(child => child.Recorded),
        };
        if (refs.All(child => child.HasCurated))
        {
            nodeRef.Curated = refs.Sum(child => child.Curated);
        }

        return WithLast(LogRefs.LastOf(refs[^1]), nodeRef);
    }

    // Only a log with gaps stores the number of the last turn.
    private static LogRef WithLast(long last, LogRef page)
    {
        page.LastSequence = last == LogRefs.LastOf(page) ? 0 : last;
        return page;
    }

    private string Add(string kind, IMessage message)
    {
        var record = RecordName.NewRecord();
        _records.Add(new NewRecord(RecordName.OfChat(kind, _key, record), message.ToByteArray(), message));
        return record;
    }
}
