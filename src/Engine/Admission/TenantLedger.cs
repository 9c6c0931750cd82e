namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Shares out a tenant's limits between servers. Each claims as much as it needs, and a little more, so that not every turn is a call; what a server holds
/// that claims no more is free again after <see cref="Lifetime"/>.
/// </summary>
/// <remarks>
/// What servers say they run is a fact, even beyond the limit: turns that others left are taken over whatever the limit, and a limit may be lowered. Then
/// nobody is given more until enough has ended. Not safe on several threads at once.
/// </remarks>
internal sealed class TenantLedger(TimeProvider time)
{
    // A server holds at most an eighth of a limit more than it uses, and no more than this.
    private const int ReserveShare = 8;
    private const int MaxReserve = 64;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();
    private Dictionary<string, long> _tokens = new(StringComparer.Ordinal);
    private DateOnly _day;
    private double? _turns;
    private TimeSpan _filled;

    /// <summary>How long a server may hold on to what it was given.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How often servers claim again what they hold.</summary>
    public static TimeSpan RenewInterval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The bytes of the tenant's histories; null: not counted yet.</summary>
    public long? StoredBytes { get; set; }

    /// <summary>How many servers hold something.</summary>
    public int Servers => _leases.Count;

    /// <summary>What may be held beyond what is used, of a limit.</summary>
    public static long Reserve(long limit) => Math.Min(limit / ReserveShare, MaxReserve);

    /// <summary>Whether the tokens of a day are known.</summary>
    public bool Knows(DateOnly day) => _day == day;

    /// <summary>Takes over what is known of a day's tokens, by servers.</summary>
    public void Open(DateOnly day, IReadOnlyDictionary<string, long> tokens)
    {
        _day = day;
        _tokens = new(tokens, StringComparer.Ordinal);
    }

    /// <summary>Takes what a server says, and gives it what there is.</summary>
    public TenantGrant Claim(TenantClaim claim, TenantLimits limits)
    {
        var now = time.GetElapsedTime(_start);
        StoredBytes += claim.GrownBytes;
        return new TenantGrant
        {
            Slots = Share(claim, limits.ConcurrentTurns, now),
            Turns = Take(claim, limits.TurnsPerMinute, now, out var next),
            NextTurn = next,
            TokensElsewhere = Count(claim),
            StoredBytes = StoredBytes,
        };
    }

    private long Share(TenantClaim claim, long? limit, TimeSpan now)
    {
        foreach (var (owner, _) in _leases.Where(lease => lease.Value.Until <= now).ToList())
        {
            _leases.Remove(owner);
        }

        _leases.Remove(claim.Owner);
        if (claim.Release)
        {
            return 0;
        }

        if (limit is not { } most)
        {
            // A limit that comes up later counts what runs already.
            _leases[claim.Owner] = new Lease(claim.Turns, now + Lifetime, IsShort: false);
            return long.MaxValue;
        }

        // While another server is short, none has more than its share of the limit, and none more than it needs: what a server runs beyond that ends, and
        // is given to the other then.
        var needed = claim.Turns + claim.Waiting;
        var free = Math.Max(0, most - _leases.Values.Sum(lease => lease.Slots));
        var granted = _leases.Values.Any(lease => lease.IsShort)
            ? Math.Min(needed, Math.Min(free, (most + _leases.Count) / (_leases.Count + 1)))
            : Math.Min(needed + Reserve(most), free);
        _leases[claim.Owner] = new Lease(Math.Max(claim.Turns, granted), now + Lifetime, IsShort: granted < needed);
        return granted;
    }

    // A bucket that holds the turns of a minute, and fills up at that rate.
    private long Take(TenantClaim claim, long? limit, TimeSpan now, out TimeSpan next)
    {
        next = TimeSpan.Zero;
        if (limit is not { } most)
        {
            _turns = null;
            return long.MaxValue;
        }

        var turns = Math.Min(most, (_turns ?? most) + claim.ReturnedTurns + ((now - _filled) / Minute * most));
        var taken = Math.Min(claim.WantedTurns, (long)turns);
        turns -= taken;
        if (taken < claim.WantedTurns)
        {
            next = most == 0 ? Minute : Minute * ((1 - (turns - Math.Floor(turns))) / most);
        }

        _turns = turns;
        _filled = now;
        return taken;
    }

    private long Count(TenantClaim claim)
    {
        if (claim.Day > _day)
        {
            Open(claim.Day, new Dictionary<string, long>());
        }

        if (claim.Day == _day)
        {
            _tokens[claim.Owner] = Math.Max(claim.Tokens, _tokens.GetValueOrDefault(claim.Owner));
        }

        return _tokens.Where(count => count.Key != claim.Owner).Sum(count => count.Value);
    }

    private readonly record struct Lease(long Slots, TimeSpan Until, bool IsShort);
}
