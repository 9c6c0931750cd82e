namespace GenAI.Chats.Grains.Quotas;

/// <summary>
/// Shares a tenant's limits between servers. Each server leases what it needs and a reserve, so that most turns need no request. A lease that isn't renewed
/// is free again after <see cref="Lifetime"/>.
/// </summary>
/// <remarks>
/// Turns that a server reports count even beyond the limit, because recovered turns run regardless of limits and limits can be lowered. Then no server gets
/// more until enough turns have ended. Not thread-safe.
/// </remarks>
internal sealed class LeaseTable(TimeProvider time)
{
    // A server holds at most an eighth of a limit more than it uses, and at most this many.
    private const int ReserveShare = 8;
    private const int MaxReserve = 64;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Entry> _leases = new(StringComparer.Ordinal);
    private readonly long _start = time.GetTimestamp();
    private Dictionary<string, long> _tokens = new(StringComparer.Ordinal);
    private DateOnly _day;
    private double? _bucket;
    private TimeSpan _filled;

    /// <summary>How long a lease is valid.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How often servers renew their leases.</summary>
    public static TimeSpan RenewInterval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The size of all the tenant's chats in bytes; null if not known yet.</summary>
    public long? StoredBytes { get; set; }

    /// <summary>Returns how much of a limit a server may lease beyond what it uses.</summary>
    public static long Reserve(long limit) => Math.Min(limit / ReserveShare, MaxReserve);

    /// <summary>Indicates whether the tokens of a day are known.</summary>
    public bool Knows(DateOnly day) => _day == day;

    /// <summary>Sets the tokens used on a day, by server.</summary>
    public void SetTokens(DateOnly day, IReadOnlyDictionary<string, long> tokens) => (_day, _tokens) = (day, new(tokens, StringComparer.Ordinal));

    /// <summary>Records what a server reports, and leases it a part of the limits.</summary>
    public Lease Lease(LeaseRequest request, TenantLimits limits)
    {
        var now = time.GetElapsedTime(_start);
        StoredBytes += request.AddedBytes;
        var starts = TakeStarts(request, limits.TurnsPerMinute, now, out var next);
        return new Lease(LeaseTurns(request, limits.ConcurrentTurns, now), starts, next, CountTokens(request), StoredBytes);
    }

    private long LeaseTurns(LeaseRequest request, long? limit, TimeSpan now)
    {
        foreach (var (server, entry) in _leases)
        {
            if (server == request.Server || entry.End <= now)
            {
                _leases.Remove(server);
            }
        }

        if (request.Release)
        {
            return 0;
        }

        var needed = request.Turns + request.Waiting;
        var leased = limit is { } most ? Share(needed, most) : long.MaxValue;

        // Running turns are kept even without a limit, in case one is set later.
        var held = limit is null ? request.Turns : Math.Max(request.Turns, leased);
        _leases[request.Server] = new Entry(held, now + Lifetime, IsShort: leased < needed);
        return leased;
    }

    // If another server needs more than it got, a server gets no more than it needs, and at most its share of the limit. What it runs beyond that goes to
    // the other server when it ends.
    private long Share(long needed, long limit)
    {
        var free = Math.Max(0, limit - _leases.Values.Sum(lease => lease.Turns));
        return _leases.Values.Any(lease => lease.IsShort)
            ? Math.Min(needed, Math.Min(free, (limit + _leases.Count) / (_leases.Count + 1)))
            : Math.Min(needed + Reserve(limit), free);
    }

    // A token bucket that holds the turns of one minute.
    private long TakeStarts(LeaseRequest request, long? limit, TimeSpan now, out TimeSpan next)
    {
        next = TimeSpan.Zero;
        if (limit is not { } rate)
        {
            _bucket = null;
            return long.MaxValue;
        }

        var bucket = Math.Min(rate, (_bucket ?? rate) + request.ReturnedStarts + ((now - _filled) / Minute * rate));
        var taken = Math.Min(request.WantedStarts, (long)bucket);
        bucket -= taken;
        if (taken < request.WantedStarts)
        {
            next = rate == 0 ? Minute : Minute * ((1 - (bucket - Math.Floor(bucket))) / rate);
        }

        (_bucket, _filled) = (bucket, now);
        return taken;
    }

    private long CountTokens(LeaseRequest request)
    {
        if (request.Day > _day)
        {
            SetTokens(request.Day, new Dictionary<string, long>());
        }

        if (request.Day == _day)
        {
            _tokens[request.Server] = Math.Max(request.Tokens, _tokens.GetValueOrDefault(request.Server));
        }

        return _tokens.Where(count => count.Key != request.Server).Sum(count => count.Value);
    }

    private readonly record struct Entry(long Turns, TimeSpan End, bool IsShort);
}
