using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.InMemory;

/// <summary>Stores chats in the memory of this process. They don't survive it. For tests and trials.</summary>
/// <param name="time">The clock.</param>
public sealed class InMemoryChatStore(TimeProvider time) : IStorageBackend
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ChatKey, InMemoryChat> _chats = [];
    private readonly Dictionary<(ChatKey Key, string RequestId), DateTimeOffset> _deletions = [];
    private readonly Dictionary<string, long> _chatsOfTenant = new(StringComparer.Ordinal);
    private readonly Dictionary<(DateOnly Day, string Tenant), Dictionary<string, long>> _usage = [];
    private readonly Dictionary<string, (long Beat, TimeSpan Lease)> _owners = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task<StepResult> ApplyAsync(ChatKey key, ChatStep step) => Run(() =>
    {
        StepValidation.Check(key, step);
        return step switch
        {
            CreateStep create => Create(key, create),
            AcceptStep accept => Accept(Get(key), accept),
            StartStep start => Start(Get(key), start),
            EndStep end => End(Get(key), end),
            StopStep stop => Stop(Get(key), stop),
            ReleaseStep release => Release(Get(key), release),
            ProgressStep progress => KeepProgress(Get(key), progress),
            UpdateStep update => Update(Get(key), update),
            DeleteStep delete => Delete(key, delete),
            _ => throw new ArgumentException($"Unknown step '{step.Name}'.", nameof(step)),
        };
    });

    /// <inheritdoc />
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) =>
        Run(() => _chats.TryGetValue(key, out var chat) ? Copies.Of(chat) with { IsAbandoned = IsAbandoned(chat) } : null);

    /// <inheritdoc />
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Run(() => _chats.GetValueOrDefault(key)?.FindTurn(turnId) is { } turn ? Copies.Of(turn.WithoutInput()) : null);

    /// <inheritdoc />
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Run(() => _chats.GetValueOrDefault(key)?.FindTurn(turnId)?.Input.Clone());

    /// <inheritdoc />
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        Run(() => _chats.GetValueOrDefault(key)?.FindRequest(requestId) is { } turn ? Copies.Of(turn) : null);

    /// <inheritdoc />
    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) => Run<IReadOnlyList<TurnProgress>>(() =>
        _chats.GetValueOrDefault(key) is { } chat && chat.FindTurn(turnId) is { } turn
            ? chat.Progress.GetValueOrDefault(turn.Sequence)?.ConvertAll(p => p.Clone()) ?? []
            : []);

    /// <inheritdoc />
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => Run(() =>
    {
        if (!_chats.TryGetValue(key, out var chat) || (range.Incarnation is { } incarnation && chat.Record.Incarnation != incarnation))
        {
            return null;
        }

        var turns = new List<TurnRecord>();
        var bytes = 0L;
        for (var sequence = range.AfterSequence + 1; chat.Turn(sequence) is { } turn; sequence++)
        {
            if ((!range.Whole && turn.Revision == 0 && turn.TurnId.Length > 0) || (range.Curated && !turn.Curated))
            {
                continue;
            }

            if (turns.Count == range.MaxTurns || (turns.Count > 0 && bytes >= range.MaxBytes))
            {
                return new LogPage(turns, chat.Record.Revision, HasMore: true, chat.Record.Incarnation);
            }

            bytes += turn.Input.CalculateSize() + (turn.Outcome?.CalculateSize() ?? 0);
            turns.Add(Copies.Of(turn));
        }

        return new LogPage(turns, chat.Record.Revision, HasMore: false, chat.Record.Incarnation);
    });

    /// <inheritdoc />
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) => Run(() =>
    {
        var matches = _chats.Values
            .Where(chat => chat.Record.Key.Tenant == query.Tenant)
            .Where(chat => HasLabels(chat.Record.Settings, query.Labels) && IsAfter(chat.Record, query.After))
            .OrderByDescending(chat => chat.Record.UpdateTime)
            .ThenBy(chat => chat.Record.Key.ChatId, StringComparer.Ordinal)
            .Take(query.PageSize + 1)
            .Select(Copies.Of)
            .ToList();
        foreach (var match in matches)
        {
            match.Chat.Settings.Config = null;
        }

        if (matches.Count <= query.PageSize)
        {
            return new ChatListPage(matches, null);
        }

        matches.RemoveAt(query.PageSize);
        return new ChatListPage(matches, new ChatListPosition(matches[^1].Chat.UpdateTime, matches[^1].Chat.Key.ChatId));
    });

    /// <inheritdoc />
    public Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease) => Run<IReadOnlyList<StoppedTurn>>(() =>
    {
        _owners[owner] = (time.GetTimestamp(), lease);
        return
        [
            .. _chats.Values.SelectMany(chat => chat.Pending)
                .Where(turn => turn.Owner == owner && turn.Stop is not TurnStop.None)
                .Select(turn => new StoppedTurn(turn.TurnId, turn.Stop)),
        ];
    });

    /// <inheritdoc />
    public Task LeaveAsync(string owner) => Run(() => { _owners.Remove(owner); });

    /// <inheritdoc />
    public Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<AbandonedChat>>(() => _chats.Values
            .Where(chat => IsAbandoned(chat) && (chat.FirstPending!.Owner is not null) == query.HasOwner)
            .Select(chat => new AbandonedChat(chat.Record.Key, chat.FirstPending!.CreateTime))
            .Where(chat => chat.IsAfter(query.After))
            .OrderBy(chat => chat.CreateTime)
            .ThenBy(chat => chat.Key.Tenant, StringComparer.Ordinal)
            .ThenBy(chat => chat.Key.ChatId, StringComparer.Ordinal)
            .Take(query.MaxChats)
            .ToList());

    /// <inheritdoc />
    public Task KeepUsageAsync(UsageStep step) => Run(() =>
    {
        foreach (var old in _usage.Keys.Where(key => key.Day < step.ForgottenBefore).ToList())
        {
            _usage.Remove(old);
        }

        foreach (var (tenant, tokens) in step.Tokens)
        {
            if (!_usage.TryGetValue((step.Day, tenant), out var counts))
            {
                _usage.Add((step.Day, tenant), counts = new(StringComparer.Ordinal));
            }

            counts[step.Owner] = Math.Max(tokens, counts.GetValueOrDefault(step.Owner));
        }
    });

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        Run<IReadOnlyDictionary<string, long>>(() => new Dictionary<string, long>(_usage.GetValueOrDefault((day, tenant)) ?? [], StringComparer.Ordinal));

    /// <inheritdoc />
    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        Run(() => _chats.Values.Where(chat => chat.Record.Key.Tenant == tenant).Sum(chat => chat.Record.StoredBytes));

    private StepResult Create(ChatKey key, CreateStep step)
    {
        if (_chats.TryGetValue(key, out var existing))
        {
            return StepResult.Exists(Copies.Of(existing.Record));
        }

        var count = _chatsOfTenant.GetValueOrDefault(key.Tenant);
        if (count >= step.MaxChats)
        {
            throw new ChatLimitException(step.MaxChats);
        }

        var chat = new InMemoryChat(Copies.Of(step.Chat));
        foreach (var piece in step.History)
        {
            chat.Add(Copies.Of(piece));
        }

        _chats.Add(key, chat);
        _chatsOfTenant[key.Tenant] = count + 1;
        return StepResult.Applied;
    }

    private static StepResult Accept(InMemoryChat chat, AcceptStep step)
    {
        var holder = chat.FindRequest(step.Turn.RequestId);
        if (holder is not null && holder.TurnId != step.Replaces)
        {
            return StepResult.Exists(Copies.Of(holder));
        }

        StepPreconditions.CheckAccept(step, chat.Place, chat.Turns.Count, holder, chat.FindTurn(step.Turn.TurnId) is not null);
        if (holder is not null)
        {
            chat.Replace(holder with { RequestId = "" });
        }

        foreach (var other in chat.Pending.ToList())
        {
            chat.Stop(other, step.StopsOthers);
        }

        chat.Add(Copies.Of(step.Turn));
        if (step.Head is { } head)
        {
            chat.Change(head);
        }

        return StepResult.Applied;
    }

    private StepResult Start(InMemoryChat chat, StartStep step)
    {
        StepPreconditions.CheckStart(step, chat.Place, IsGone);
        chat.Replace(chat.FirstPending! with
        {
            State = TurnState.Running,
            Attempt = step.Attempt,
            UsedAttempts = step.UsedAttempts,
            Owner = step.Owner,
            StartTime = step.StartTime,
        });
        return StepResult.Applied;
    }

    private StepResult End(InMemoryChat chat, EndStep step)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckEnd(step, chat.Place, PlaceOf(turn), IsGone);
        chat.Replace(turn! with
        {
            State = step.State,
            Owner = null,
            Revision = step.Head.Recorded ? step.Head.Revision : 0,
            Curated = step.Curated,
            Outcome = step.Outcome.Clone(),
            EndTime = step.EndTime,
        });
        chat.Change(step.Head);
        if (step.HasProgress)
        {
            chat.Progress.Remove(step.Sequence);
        }

        return StepResult.Applied;
    }

    private static StepResult Stop(InMemoryChat chat, StopStep step)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckStop(step, PlaceOf(turn));
        chat.Stop(turn!, step.Stop);
        return StepResult.Applied;
    }

    private static StepResult Release(InMemoryChat chat, ReleaseStep step)
    {
        var turn = chat.Turn(step.Sequence);
        StepPreconditions.CheckRelease(step, PlaceOf(turn));
        chat.Replace(turn! with { State = TurnState.Queued, Owner = null, StartTime = null });
        return StepResult.Applied;
    }

    private static StepResult KeepProgress(InMemoryChat chat, ProgressStep step)
    {
        var kept = chat.Progress.GetValueOrDefault(step.Sequence, []);
        StepPreconditions.CheckProgress(step, PlaceOf(chat.Turn(step.Sequence)), kept.Count);
        kept.Add(step.Progress.Clone());
        chat.Progress[step.Sequence] = kept;
        return StepResult.Applied;
    }

    private static StepResult Update(InMemoryChat chat, UpdateStep step)
    {
        StepPreconditions.CheckVersion(chat.Record.Version, step.Version);
        chat.Record = chat.Record with
        {
            Version = step.Version + 1,
            Settings = step.Settings.Clone(),
            UpdateTime = step.UpdateTime,
            StoredBytes = chat.Record.StoredBytes + step.Growth,
        };
        return StepResult.Applied;
    }

    private StepResult Delete(ChatKey key, DeleteStep step)
    {
        foreach (var old in _deletions.Where(deletion => deletion.Value < step.ForgottenBefore).ToList())
        {
            _deletions.Remove(old.Key);
        }

        if (_deletions.ContainsKey((key, step.RequestId)))
        {
            return StepResult.Of(Deletion.DoneBefore);
        }

        if (!_chats.Remove(key))
        {
            return StepResult.Of(Deletion.NotFound);
        }

        _deletions.Add((key, step.RequestId), step.Time);
        _chatsOfTenant[key.Tenant]--;
        return StepResult.Of(Deletion.Done);
    }

    private static TurnPlace? PlaceOf(TurnRecord? turn) => turn is null ? null : InMemoryChat.PlaceOf(turn);

    private static bool HasLabels(ChatSettings settings, IReadOnlyList<KeyValuePair<string, string>> labels) =>
        labels.All(label => settings.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool IsAfter(ChatRecord chat, ChatListPosition? position) =>
        position is not { } after
        || chat.UpdateTime < after.UpdateTime
        || (chat.UpdateTime == after.UpdateTime && string.CompareOrdinal(chat.Key.ChatId, after.ChatId) > 0);

    private InMemoryChat Get(ChatKey key) => _chats.GetValueOrDefault(key) ?? throw StepPreconditions.NoSuchChat();

    private bool IsAbandoned(InMemoryChat chat) => chat.FirstPending is { } first && (first.Owner is null || IsGone(first.Owner));

    private bool IsGone(string owner) => !_owners.TryGetValue(owner, out var last) || time.GetElapsedTime(last.Beat) > last.Lease;

    private Task<bool> Run(Action body) => Run(() =>
    {
        body();
        return true;
    });

    private Task<T> Run<T>(Func<T> body)
    {
        lock (_lock)
        {
            try
            {
                return Task.FromResult(body());
            }
            catch (Exception exception)
            {
                return Task.FromException<T>(exception);
            }
        }
    }
}
