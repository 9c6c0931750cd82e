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
    private readonly InMemoryExpiries _expiries = new();
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
            ForkStep fork => Fork(key, fork),
            DeleteStep delete => Delete(key, delete),
            _ => Change(_chats.GetValueOrDefault(key) ?? throw StepPreconditions.NoSuchChat(), step),
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
    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) =>
        Run(() => _chats.GetValueOrDefault(key)?.FindRevision(revision, range) is { } turn ? Copies.Of(turn.WithoutInput()) : null);

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

        return InMemoryLog.Read(chat, range);
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
    public Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<BusyChat>>(() => FindBusy(
            chat => IsAbandoned(chat) && (chat.FirstPending!.Owner is not null) == query.HasOwner, query.MaxChats, query.After));

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

    /// <inheritdoc />
    public Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) => Run<IReadOnlyList<string>?>(() => _chatsOfTenant
        .Where(tenant => tenant.Value > 0 && string.CompareOrdinal(tenant.Key, after) > 0)
        .Select(tenant => tenant.Key)
        .Order(StringComparer.Ordinal)
        .Take(maxTenants)
        .ToList());

    /// <inheritdoc />
    public Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) =>
        Run<IReadOnlyList<BusyChat>>(() => FindBusy(
            chat => (query.Tenant is null || chat.Record.Key.Tenant == query.Tenant)
                && (query.HasOwner is not { } hasOwner || (chat.FirstPending!.Owner is not null) == hasOwner)
                && !(chat.FirstPending!.CreateTime > query.CreatedBefore),
            query.MaxChats,
            query.After));

    private List<BusyChat> FindBusy(Func<InMemoryChat, bool> condition, int maxChats, BusyChat? after) =>
    [
        .. _chats.Values
            .Where(chat => chat.FirstPending is not null && condition(chat))
            .Select(chat => new BusyChat(chat.Record.Key, chat.FirstPending!.CreateTime))
            .Where(chat => chat.IsAfter(after))
            .OrderBy(chat => chat.CreateTime)
            .ThenBy(chat => chat.Key.Tenant, StringComparer.Ordinal)
            .ThenBy(chat => chat.Key.ChatId, StringComparer.Ordinal)
            .Take(maxChats),
    ];

    private StepResult Create(ChatKey key, CreateStep step)
    {
        if (_chats.TryGetValue(key, out var existing))
        {
            return StepResult.Exists(Copies.Of(existing.Record));
        }

        var chat = new InMemoryChat(NewRecord(step.Chat));
        foreach (var piece in step.History)
        {
            chat.Add(Copies.Of(piece));
        }

        return Add(key, chat, step.MaxChats);
    }

    private StepResult Fork(ChatKey key, ForkStep step)
    {
        if (_chats.TryGetValue(key, out var existing))
        {
            return StepResult.Exists(Copies.Of(existing.Record));
        }

        var source = _chats.GetValueOrDefault(step.Source);
        StepPreconditions.CheckFork(step, source?.Record.Incarnation, source is not null && source.HasAll(step.Path));
        return Add(key, InMemoryChat.Fork(NewRecord(step.Chat), source!, step.Path), step.MaxChats);
    }

    private ChatRecord NewRecord(ChatRecord chat) => Copies.Of(chat) with { ExpireTime = ChatExpiry.Of(chat.Settings, time.GetUtcNow()) };

    private StepResult Add(ChatKey key, InMemoryChat chat, long maxChats)
    {
        var count = _chatsOfTenant.GetValueOrDefault(key.Tenant);
        if (count >= maxChats)
        {
            throw new ChatLimitException(maxChats);
        }

        _chats.Add(key, chat);
        _chatsOfTenant[key.Tenant] = count + 1;
        _expiries.Set(chat);
        return StepResult.Applied;
    }

    private StepResult Change(InMemoryChat chat, ChatStep step)
    {
        var result = InMemorySteps.Apply(chat, step, IsGone, time.GetUtcNow());
        _expiries.Set(chat);
        return result;
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

        if (!_chats.TryGetValue(key, out var chat))
        {
            return StepResult.Of(Deletion.NotFound);
        }

        Remove(chat);
        _deletions.Add((key, step.RequestId), step.Time);
        return StepResult.Of(Deletion.Done);
    }

    private void Remove(InMemoryChat chat)
    {
        _chats.Remove(chat.Record.Key);
        _chatsOfTenant[chat.Record.Key.Tenant]--;
        _expiries.Remove(chat);
    }

    private static bool HasLabels(ChatSettings settings, IReadOnlyList<KeyValuePair<string, string>> labels) =>
        labels.All(label => settings.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool IsAfter(ChatRecord chat, ChatListPosition? position) =>
        position is not { } after
        || chat.UpdateTime < after.UpdateTime
        || (chat.UpdateTime == after.UpdateTime && string.CompareOrdinal(chat.Key.ChatId, after.ChatId) > 0);

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
                // So that no member has to check for expired chats.
                foreach (var expired in _expiries.Due(time.GetUtcNow()))
                {
                    Remove(expired);
                }

                return Task.FromResult(body());
            }
            catch (Exception exception)
            {
                return Task.FromException<T>(exception);
            }
        }
    }
}
