namespace GenAI.Chats.Grains.Quotas;

/// <summary>
/// A tenant's quota on this server: what the tenant uses here, and this server's lease on its limits. The server leases ahead of need, so that most turns
/// need no request to the tenant's grain.
/// </summary>
internal sealed class TenantQuota(string tenant, TenantQuotas quotas) : ITenantQuota
{
    /// <summary>How many sends of a tenant over its limits are passed on at a time because they may be retries.</summary>
    public const int MaxPassedOn = 8;

    // How often a send waits for a new lease. Each lease has something for at least one waiting send, or says that there is nothing.
    private const int MaxRequests = 100;

    private static readonly TimeSpan FirstGuess = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly long _start = quotas.Time.GetTimestamp();
    private LimitsOptions? _options;
    private TenantLimits _limits = new();

    // What the tenant uses here.
    private int _chats;
    private int _turns;
    private int _permits;
    private int _waiting;
    private int _passedOn;
    private long _pendingBytes;
    private long _addedBytes;
    private TimeSpan _lastUse;
    private TimeSpan? _meanDuration;
    private bool _isForgotten;

    // What the server has leased. Starts are turns of the rate: those left, those used since the last renewal, and those to request in advance.
    private Lease _lease = new(0, 0, TimeSpan.Zero, 0, null);
    private TimeSpan? _leaseEnd;
    private DateOnly _leaseDay;
    private TimeSpan _nextTurn;
    private TimeSpan _nextStart;
    private long _starts;
    private long _usedStarts;
    private long _startsAhead;
    private Task _request = Task.CompletedTask;

    // Set while the tenant's grain can't be reached.
    private bool _isUnreachable;
    private LeaseTable? _ownTable;

    /// <summary>The tenant.</summary>
    public string Tenant => tenant;

    public TenantLimits Limits => quotas.Limits.Of(tenant);

    private TimeSpan Now => quotas.Time.GetElapsedTime(_start);

    private int Used => _turns + _permits;

    // Until the size is known, no send is rejected for it.
    private long StoredBytes => _lease.StoredBytes is { } bytes ? bytes + _addedBytes : 0;

    /// <summary>Opens the quota for a chat. Returns false if it's forgotten: then use another object.</summary>
    public bool TryOpen()
    {
        lock (_lock)
        {
            _chats += _isForgotten ? 0 : 1;
            return !_isForgotten;
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _chats--;
        }
    }

    /// <summary>
    /// Passes on a send that may be a retry. When the result is disposed, the send has been answered, and the quota that was opened for it is closed. Returns
    /// null, and closes the quota, if enough are passed on already.
    /// </summary>
    public IDisposable? TryPassOn()
    {
        lock (_lock)
        {
            var mayPass = _passedOn < MaxPassedOn;
            _passedOn += mayPass ? 1 : 0;
            _chats -= mayPass ? 0 : 1;
            return mayPass ? new PassedOn(this) : null;
        }
    }

    public void CountPending(int turns, long inputBytes, TurnPermit? permit = null)
    {
        lock (_lock)
        {
            _turns += turns;
            _pendingBytes += inputBytes;
            _lastUse = Now;
            permit?.Dispose();
        }
    }

    public void CountStored(long bytes)
    {
        lock (_lock)
        {
            _addedBytes += CurrentLimits().StoredBytes is null ? 0 : bytes;
        }
    }

    public void CountEnded(TimeSpan duration, long tokens)
    {
        bool counts;
        lock (_lock)
        {
            counts = tokens > 0 && CurrentLimits().TokensPerDay is not null;
            _meanDuration = _meanDuration is { } mean ? mean + ((duration - mean) / 8) : duration;
        }

        if (counts)
        {
            quotas.Tokens.Add(tenant, tokens);
        }
    }

    public async ValueTask<TurnPermit> AcquireAsync(long inputBytes) => TryAcquire(inputBytes, mayRequest: true) ?? await RequestAndAcquireAsync(inputBytes);

    public async ValueTask<ChatException?> CheckBytesAsync(long bytes)
    {
        bool needsLease;
        lock (_lock)
        {
            needsLease = CurrentLimits().StoredBytes is not null && !(_leaseEnd > Now);
        }

        if (needsLease)
        {
            await RequestLeaseAsync().ConfigureAwait(false);
        }

        lock (_lock)
        {
            return BytesRejection(bytes);
        }
    }

    /// <summary>Returns the error if a send would be rejected without another lease, otherwise null.</summary>
    public ChatException? Rejection()
    {
        lock (_lock)
        {
            var now = Now;
            return CurrentLimits().AreShared && !NeedsLease(now) ? Rejection(1, now) : null;
        }
    }

    /// <summary>Renews the lease, or gives it up if the tenant has been idle. Returns false if the quota is forgotten.</summary>
    public async Task<bool> RenewAsync()
    {
        lock (_lock)
        {
            _leaseEnd = CurrentLimits().AreShared ? _leaseEnd : null;
            if (_leaseEnd is null && (!_limits.AreShared || IsIdle(Now)))
            {
                _isForgotten = _chats == 0 && Used == 0 && _waiting == 0;
                return !_isForgotten;
            }

            (_startsAhead, _usedStarts) = (Math.Max(1, _usedStarts), 0);
        }

        await RequestLeaseAsync().ConfigureAwait(false);
        return true;
    }

    private static TimeSpan Clamp(TimeSpan delay, TimeSpan most) => delay < MinDelay ? MinDelay : delay > most ? most : delay;

    private async Task<TurnPermit> RequestAndAcquireAsync(long inputBytes)
    {
        lock (_lock)
        {
            _waiting++;
        }

        try
        {
            for (var requests = 1; ; requests++)
            {
                await RequestLeaseAsync().ConfigureAwait(false);
                if (TryAcquire(inputBytes, mayRequest: requests < MaxRequests) is { } permit)
                {
                    return permit;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _waiting--;
            }
        }
    }

    // Null: with another lease there may be a permit.
    private TurnPermit? TryAcquire(long inputBytes, bool mayRequest)
    {
        lock (_lock)
        {
            var now = Now;
            if (CurrentLimits().AreShared)
            {
                if (mayRequest && NeedsLease(now))
                {
                    return null;
                }

                if (Rejection(inputBytes, now) is { } rejection)
                {
                    return new TurnPermit(rejection);
                }
            }

            if (_limits.TurnsPerMinute is not null)
            {
                _starts--;
                _usedStarts++;
            }

            _lastUse = now;
            _permits++;
            return new TurnPermit(Release);
        }
    }

    private void Release(bool isUsed)
    {
        lock (_lock)
        {
            _permits--;
            _starts += isUsed || _limits.TurnsPerMinute is null ? 0 : 1;
        }
    }

    // Not if the last lease said that there was nothing more for some time.
    private bool NeedsLease(TimeSpan now) =>
        !(_leaseEnd > now)
        || (_limits.ConcurrentTurns is { } turns && Used >= _lease.Turns && Used < turns && now >= _nextTurn)
        || (_limits.TurnsPerMinute is not null && _starts < 1 && now >= _nextStart);

    private ChatException? Rejection(long inputBytes, TimeSpan now)
    {
        if (_limits.ConcurrentTurns is { } turns && Used >= Math.Min(turns, _lease.Turns))
        {
            // If turns have started evenly, the next one ends after a turn's duration divided by their number.
            return LimitErrors.ConcurrentTurns(turns, Clamp(_meanDuration is { } mean && _turns > 0 ? mean / _turns : FirstGuess, MaxDelay));
        }

        if (_limits.TurnsPerMinute is { } rate && _starts < 1)
        {
            return LimitErrors.TurnsPerMinute(rate, Clamp(_nextStart - now, TimeSpan.FromMinutes(1)));
        }

        if (_limits.TokensPerDay is { } tokens && TokensToday() >= tokens)
        {
            var utc = quotas.Time.GetUtcNow().UtcDateTime;
            return LimitErrors.TokensPerDay(tokens, utc.Date.AddDays(1) - utc);
        }

        return BytesRejection(inputBytes);
    }

    private ChatException? BytesRejection(long bytes) =>
        _limits.StoredBytes is { } most && StoredBytes + _pendingBytes + bytes > most ? LimitErrors.StoredBytes(most) : null;

    private long TokensToday() => quotas.Tokens.Of(tenant) + (_leaseDay == quotas.Tokens.Today ? _lease.TokensElsewhere : 0);

    private bool IsIdle(TimeSpan now) => Used == 0 && _waiting == 0 && now - _lastUse >= LeaseTable.Lifetime;

    private TenantLimits CurrentLimits()
    {
        var options = quotas.Limits;
        if (!ReferenceEquals(_options, options))
        {
            (_options, _limits) = (options, options.Of(tenant));
            (_nextTurn, _nextStart) = (TimeSpan.Zero, TimeSpan.Zero);
        }

        return _limits;
    }

    // One request at a time. Sends that come during it wait for it, and look again.
    private Task RequestLeaseAsync()
    {
        lock (_lock)
        {
            return _request = _request.IsCompleted ? RequestLeaseCoreAsync() : _request;
        }
    }

    private async Task RequestLeaseCoreAsync()
    {
        // Leaves the caller's lock and its grain's scheduler.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan sent;
        LeaseRequest request;
        lock (_lock)
        {
            sent = Now;
            request = NewRequest(IsIdle(sent));
        }

        Lease? lease = null;
        try
        {
            lease = await quotas.Leases.LeaseAsync(tenant, request).WaitAsync(RequestTimeout, quotas.Time).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            if (!_isUnreachable)
            {
                QuotaLog.Unreachable(quotas.Log, failure.GetType().Name);
            }
        }

        lock (_lock)
        {
            _isUnreachable = lease is null;
            Apply(request, lease, sent);
        }
    }

    private LeaseRequest NewRequest(bool release)
    {
        // In advance, as many starts as were used between two renewals, and twice as many each time that they don't last. The server returns the others.
        _startsAhead = _waiting > 0 ? Math.Max(1, _startsAhead * 2) : _startsAhead;
        _startsAhead = Math.Min(_startsAhead, _limits.TurnsPerMinute is { } rate ? LeaseTable.Reserve(rate) : 0);
        var wanted = release ? 0 : _waiting + _startsAhead;
        var returned = Math.Max(0, _starts - wanted);
        _starts -= returned;
        _leaseEnd = release ? null : _leaseEnd;
        _leaseDay = quotas.Tokens.Today;
        return new LeaseRequest(
            quotas.Owner, Used, _waiting, Math.Max(0, wanted - _starts), returned, _leaseDay, quotas.Tokens.Of(tenant), _addedBytes, release);
    }

    private void Apply(LeaseRequest request, Lease? lease, TimeSpan sent)
    {
        var now = Now;
        if (lease is not null)
        {
            _ownTable = null;
        }
        else if (_leaseEnd > now && _ownTable is null)
        {
            // The lease stays valid, but there is nothing more for the moment.
            _starts += request.ReturnedStarts;
            (_nextTurn, _nextStart) = (now + FirstGuess, now + FirstGuess);
            return;
        }
        else
        {
            // The other servers don't count this one's lease any longer. It enforces the limits as if it were alone, until the grain can be reached.
            _ownTable ??= new LeaseTable(quotas.Time) { StoredBytes = _lease.StoredBytes };
            (lease, sent) = (_ownTable.Lease(request, _limits) with { TokensElsewhere = _lease.TokensElsewhere }, now);
        }

        _lease = lease;
        _leaseEnd = request.Release ? null : sent + LeaseTable.Lifetime;
        _starts = _limits.TurnsPerMinute is { } rate ? Math.Min(_starts + Math.Min(lease.Starts, rate), rate) : 0;
        _addedBytes -= request.AddedBytes;
        _nextTurn = lease.Turns < request.Turns + request.Waiting ? now + FirstGuess : TimeSpan.Zero;
        _nextStart = lease.NextStart > TimeSpan.Zero ? now + lease.NextStart : TimeSpan.Zero;
    }

    private sealed class PassedOn(TenantQuota quota) : IDisposable
    {
        public void Dispose()
        {
            lock (quota._lock)
            {
                quota._passedOn--;
                quota._chats--;
            }
        }
    }
}
