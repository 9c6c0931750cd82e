namespace GenAI.Chats.Engine.Admission;

/// <content>What this process holds of the tenant's limits, and how it gets more.</content>
internal sealed partial class TenantMeter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleTime = TenantLedger.Lifetime;

    private Task? _renewal;
    private TenantLedger? _ownLedger;
    private bool _isUnreachable;
    private TimeSpan? _leaseEnd;
    private TimeSpan _shortOfSlotsUntil;
    private TimeSpan _nextTurn;
    private long _slots;
    private long _turnsLeft;
    private long _spent;
    private long _ahead;
    private DateOnly _day;
    private long _tokensElsewhere;
    private long? _storedBytes;
    private long _grownBytes;

    // Not known: nobody is refused for it.
    private long StoredBytes => _storedBytes is { } bytes ? bytes + _grownBytes : 0;

    /// <summary>Counts what was added to the tenant's histories, or went with a chat.</summary>
    public void Grow(long bytes)
    {
        lock (_lock)
        {
            _grownBytes += Refresh().StoredBytes is null ? 0 : bytes;
        }
    }

    /// <summary>Counts the tokens of a turn that ended.</summary>
    public void Spend(long tokens)
    {
        bool counts;
        lock (_lock)
        {
            counts = Refresh().TokensPerDay is not null;
        }

        if (counts && tokens > 0)
        {
            _admission.Tokens.Add(Tenant, tokens);
        }
    }

    /// <summary>Claims anew what is needed, or gives all back when nothing has been for long. False: there is nothing left to know of the tenant.</summary>
    public async Task<bool> TickAsync()
    {
        lock (_lock)
        {
            var isIdle = Used == 0 && _waiting == 0 && (!Refresh().AreShared || Now - _lastUse >= IdleTime);
            if (isIdle && _leaseEnd is null)
            {
                _isRetired = _sessions == 0;
                return !_isRetired;
            }

            if (!_limits.AreShared)
            {
                // Nobody counts what is held any more.
                _leaseEnd = null;
                return true;
            }

            (_ahead, _spent) = (Math.Max(1, _spent), 0);
        }

        await RenewAsync().ConfigureAwait(false);
        return true;
    }

    // One at a time; whoever comes while one is under way waits for it, and looks again.
    private Task RenewAsync()
    {
        lock (_lock)
        {
            return _renewal is { IsCompleted: false } running ? running : _renewal = ClaimAsync();
        }
    }

    private async Task ClaimAsync()
    {
        // Off the caller's stack, which holds the lock, and off its grain's scheduler.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TenantClaim claim;
        TimeSpan sent;
        lock (_lock)
        {
            sent = Now;
            claim = NewClaim(sent);
        }

        TenantGrant? grant = null;
        try
        {
            grant = await _admission.Ledgers.ClaimAsync(Tenant, claim).WaitAsync(Patience, _admission.Time).ConfigureAwait(false);
            (_ownLedger, _isUnreachable) = (null, false);
        }
        catch (Exception failure)
        {
            // Whatever it was: turns go on without the ledger.
            if (!_isUnreachable)
            {
                AdmissionLog.LedgerUnreachable(_admission.Log, failure.GetType().Name);
            }

            _isUnreachable = true;
        }

        lock (_lock)
        {
            Take(claim, grant, sent);
        }
    }

    private TenantClaim NewClaim(TimeSpan now)
    {
        // As many ahead as were spent between two ticks, and twice as many each time they do not last; what is more than that goes back.
        _ahead = _waiting > 0 ? Math.Max(1, _ahead * 2) : _ahead;
        _ahead = Math.Min(_ahead, _limits.TurnsPerMinute is { } rate ? TenantLedger.Reserve(rate) : 0);
        var isIdle = Used == 0 && _waiting == 0 && now - _lastUse >= IdleTime;
        var wanted = isIdle ? 0 : _waiting + _ahead;
        var returned = Math.Max(0, _turnsLeft - wanted);
        _turnsLeft -= returned;
        _leaseEnd = isIdle ? null : _leaseEnd;
        _day = _admission.Tokens.Today;
        return new TenantClaim
        {
            Owner = _admission.Owner,
            Turns = Used,
            Waiting = _waiting,
            WantedTurns = Math.Max(0, wanted - _turnsLeft),
            ReturnedTurns = returned,
            Day = _day,
            Tokens = _admission.Tokens.Of(Tenant),
            GrownBytes = _grownBytes,
            Release = isIdle,
        };
    }

    private void Take(TenantClaim claim, TenantGrant? grant, TimeSpan sent)
    {
        if (grant is null && HasLease(Now) && _ownLedger is null)
        {
            // What is held goes on to be good; more there is none for the moment.
            _turnsLeft += claim.ReturnedTurns;
            _shortOfSlotsUntil = _nextTurn = Now + FirstGuess;
            return;
        }

        if (grant is null)
        {
            // For longer than the others wait for this server: as if it were alone, until the ledger answers.
            (_ownLedger ??= new TenantLedger(_admission.Time)).StoredBytes ??= _storedBytes;
            (grant, sent) = (_ownLedger.Claim(claim, _limits) with { TokensElsewhere = _tokensElsewhere }, Now);
        }

        _slots = grant.Slots;
        _turnsLeft = _limits.TurnsPerMinute is { } rate ? Math.Min(_turnsLeft + Math.Min(grant.Turns, rate), rate) : 0;
        _tokensElsewhere = grant.TokensElsewhere;
        _storedBytes = grant.StoredBytes;
        _grownBytes -= claim.GrownBytes;
        _leaseEnd = claim.Release ? null : sent + TenantLedger.Lifetime;
        _shortOfSlotsUntil = grant.Slots < claim.Turns + claim.Waiting ? Now + FirstGuess : TimeSpan.Zero;
        _nextTurn = grant.NextTurn > TimeSpan.Zero ? Now + grant.NextTurn : TimeSpan.Zero;
    }

    private bool HasLease(TimeSpan now) => _leaseEnd > now;

    private long TokensToday() => _admission.Tokens.Of(Tenant) + (_day == _admission.Tokens.Today ? _tokensElsewhere : 0);
}
