using GenAI.Chats.Engine.Errors;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// A tenant in this process: what its turns use here, what the process holds of its limits, and so whether one more turn may be accepted. What is held is
/// claimed at the tenant's ledger ahead of need, so that most turns ask nobody.
/// </summary>
internal sealed partial class TenantMeter
{
    private static readonly TimeSpan FirstGuess = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly TurnAdmission _admission;
    private readonly long _start;
    private object? _version;
    private TenantLimits _limits;
    private TimeSpan? _meanTurn;
    private TimeSpan _lastUse;
    private int _sessions;
    private int _entering;
    private int _waiting;
    private bool _isRetired;

    public TenantMeter(string tenant, TurnAdmission admission)
    {
        Tenant = tenant;
        _admission = admission;
        _start = admission.Time.GetTimestamp();
    }

    public string Tenant { get; }

    /// <summary>How many of the tenant's turns are accepted here and not ended.</summary>
    public int Turns { get; private set; }

    /// <summary>How many bytes those were sent with: stored, but not counted in any chat yet.</summary>
    public long PendingBytes { get; private set; }

    private TimeSpan Now => _admission.Time.GetElapsedTime(_start);

    private int Used => Turns + _entering;

    /// <summary>Counts a session of a chat of the tenant. False: take another meter.</summary>
    public bool TryJoin()
    {
        lock (_lock)
        {
            _sessions += _isRetired ? 0 : 1;
            return !_isRetired;
        }
    }

    /// <summary>A session is over.</summary>
    public void Quit()
    {
        lock (_lock)
        {
            _sessions--;
        }
    }

    /// <summary>Counts turns that are pending here, or no more.</summary>
    /// <param name="turns">How many more; below zero: fewer.</param>
    /// <param name="bytes">How many bytes more, or fewer, they were sent with.</param>
    /// <param name="permit">One of them was accepted with it, and takes its place in one step: at no time a turn counts twice, or not at all.</param>
    public void Count(int turns, long bytes, TurnPermit? permit = null)
    {
        lock (_lock)
        {
            Turns += turns;
            PendingBytes += bytes;
            _lastUse = Now;
            permit?.Dispose();
        }
    }

    /// <summary>Learns how long turns take, to say when it is worth to come again.</summary>
    public void Ended(TimeSpan duration)
    {
        lock (_lock)
        {
            _meanTurn = _meanTurn is { } mean ? mean + ((duration - mean) / 8) : duration;
        }
    }

    /// <summary>Asks for a permit. Returns at once, unless the process first has to ask for more than it holds.</summary>
    /// <param name="input">What the turn adds to the tenant's chats.</param>
    public ValueTask<TurnPermit> EnterAsync(IMessage input) =>
        TryEnter(input, mayAsk: true) is { } permit ? new(permit) : new(AskAsync(input));

    /// <summary>Whether so many bytes may be added to the tenant's chats; why not.</summary>
    public async ValueTask<ChatException?> RefusalAsync(long bytes)
    {
        if (NeedsLease())
        {
            await RenewAsync().ConfigureAwait(false);
        }

        lock (_lock)
        {
            return Refresh().StoredBytes is { } most && StoredBytes + PendingBytes + bytes > most ? AdmissionErrors.StoredBytes(most) : null;
        }
    }

    /// <summary>Why a send would be refused, as far as is known without asking; null: it may be accepted.</summary>
    public ChatException? Refusal()
    {
        lock (_lock)
        {
            return Refresh().AreShared ? Decide(null, mayAsk: true, Now) : null;
        }
    }

    /// <summary>A permit is not needed any more.</summary>
    internal void Leave(bool isUsed)
    {
        lock (_lock)
        {
            _entering--;
            _turnsLeft += isUsed || _limits.TurnsPerMinute is null ? 0 : 1;
        }
    }

    private async Task<TurnPermit> AskAsync(IMessage input)
    {
        lock (_lock)
        {
            _waiting++;
        }

        try
        {
            for (var asked = 1; ; asked++)
            {
                await RenewAsync().ConfigureAwait(false);
                if (TryEnter(input, mayAsk: asked < TurnAdmission.MaxAsks) is { } permit)
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

    // Null: there may be one if the process asks for more.
    private TurnPermit? TryEnter(IMessage input, bool mayAsk)
    {
        lock (_lock)
        {
            if (Refresh().AreShared)
            {
                var now = Now;
                if (mayAsk && !HasLease(now))
                {
                    return null;
                }

                if (Decide(input, mayAsk, now) is { } refusal)
                {
                    return new TurnPermit(refusal);
                }

                if (mayAsk && IsShort(now))
                {
                    return null;
                }

                if (_limits.TurnsPerMinute is not null)
                {
                    _turnsLeft--;
                    _spent++;
                }
            }

            _lastUse = Now;
            _entering++;
            return new TurnPermit(this);
        }
    }

    private bool NeedsLease()
    {
        lock (_lock)
        {
            return Refresh().StoredBytes is not null && !HasLease(Now);
        }
    }

    // Why there is no permit; null: there is one, or may be one.
    private ChatException? Decide(IMessage? input, bool mayAsk, TimeSpan now)
    {
        if (_limits.ConcurrentTurns is { } slots && Used >= Math.Min(slots, _slots) && (!mayAsk || Used >= slots || now < _shortOfSlotsUntil))
        {
            return AdmissionErrors.ConcurrentTurns(slots, UntilOneEnds());
        }

        if (_limits.TurnsPerMinute is { } rate && _turnsLeft < 1 && (!mayAsk || now < _nextTurn))
        {
            return AdmissionErrors.TurnsPerMinute(rate, Clamp(_nextTurn - now, TimeSpan.FromMinutes(1)));
        }

        if (_limits.TokensPerDay is { } tokens && TokensToday() >= tokens)
        {
            return AdmissionErrors.TokensPerDay(tokens, UntilTomorrow());
        }

        return _limits.StoredBytes is { } most && StoredBytes + PendingBytes + (input?.CalculateSize() ?? 1) > most
            ? AdmissionErrors.StoredBytes(most)
            : null;
    }

    private bool IsShort(TimeSpan now) =>
        (_limits.ConcurrentTurns is not null && Used >= _slots && now >= _shortOfSlotsUntil)
        || (_limits.TurnsPerMinute is not null && _turnsLeft < 1 && now >= _nextTurn);

    // Of the turns that run, evenly begun, the next one ends in a turn's time over their number.
    private TimeSpan UntilOneEnds() => Clamp(_meanTurn is { } mean && Turns > 0 ? mean / Turns : FirstGuess, MaxDelay);

    private TimeSpan UntilTomorrow()
    {
        var now = _admission.Time.GetUtcNow().UtcDateTime;
        return now.Date.AddDays(1) - now;
    }

    private static TimeSpan Clamp(TimeSpan delay, TimeSpan most) => delay < MinDelay ? MinDelay : delay > most ? most : delay;

    private TenantLimits Refresh()
    {
        if (!ReferenceEquals(_version, _admission.Limits.Version))
        {
            _version = _admission.Limits.Version;
            _limits = _admission.Limits.Of(Tenant);
            (_shortOfSlotsUntil, _nextTurn) = (TimeSpan.Zero, TimeSpan.Zero);
        }

        return _limits;
    }
}
