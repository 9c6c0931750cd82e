using System.Collections.Concurrent;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Says whether a turn may be accepted in this process: by the tenant's limits, of which the process holds a part, and by the server's own.
/// </summary>
internal sealed class TurnAdmission : IDisposable
{
    /// <summary>How often a send asks for more before it is refused. Each time there is something for one more that asks.</summary>
    public const int MaxAsks = 100;

    private const int TicksAtOnce = 64;

    private static readonly TimeSpan MemoryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TenantMeter> _meters = new(StringComparer.Ordinal);
    private readonly Lookups _lookups = new();
    private readonly ServerState _server;

    public TurnAdmission(
        AdmissionLimits limits, ITenantLedgers ledgers, ServerState server, MemoryWatch memory, ITenantUsageStore store, TimeProvider time, ILogger<TurnAdmission> logger)
    {
        (Limits, Ledgers, Memory, Time, Log, _server) = (limits, ledgers, memory, time, logger, server);
        Tokens = new TokenCounts(store, server.Owner, time, logger);
        Limits.Changed += Follow;
        Follow();
    }

    public AdmissionLimits Limits { get; }

    public ITenantLedgers Ledgers { get; }

    public TokenCounts Tokens { get; }

    public MemoryWatch Memory { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>This process, as ledgers and the store know it.</summary>
    public string Owner => _server.Owner;

    /// <summary>How many tenants this process knows something of.</summary>
    public int Tenants => _meters.Count;

    /// <summary>A session begins. It ends with <see cref="TenantMeter.Quit"/>.</summary>
    public TenantMeter Join(string tenant)
    {
        while (true)
        {
            var meter = _meters.GetOrAdd(tenant, static (name, admission) => new TenantMeter(name, admission), this);
            if (meter.TryJoin())
            {
                return meter;
            }
        }
    }

    /// <summary>Why this server takes no more turns; null: it does.</summary>
    public ChatException? ServerRefusal()
    {
        if (Memory.IsHigh)
        {
            return AdmissionErrors.ServerMemory(Limits.Server.MemoryShare, MemoryDelay);
        }

        var slots = _server.Slots;
        return slots.IsFull ? AdmissionErrors.ServerBusy(slots.MaxRunning, slots.Wait < MaxDelay ? slots.Wait : MaxDelay) : null;
    }

    /// <summary>
    /// For whoever hosts the front door in this process: whether a send would be refused, as far as is known without waking its chat. What is returned is to be disposed
    /// of when the send was answered.
    /// </summary>
    /// <param name="tenant">Whose send it is.</param>
    /// <param name="mayBeKnown">Whether it may be the retry of a send that was accepted, which is answered whatever the limits.</param>
    /// <exception cref="ChatException">It would.</exception>
    public Lookups.Holder? Precheck(string tenant, bool mayBeKnown)
    {
        var refusal = ServerRefusal() ?? (_meters.TryGetValue(tenant, out var meter) ? meter.Refusal() : null);
        return refusal is null ? null
            : mayBeKnown && _lookups.TryEnter(tenant) is { } lookup ? lookup
            : throw Refused(refusal);
    }

    /// <summary>Every refusal passes here, once.</summary>
    public ChatException Refused(ChatException refusal)
    {
        AdmissionLog.Refused(Log, refusal.Reason);
        return refusal;
    }

    /// <summary>Claims anew what is needed of the tenants' limits, gives back what is not, and forgets tenants without turns and chats.</summary>
    public async Task TickAsync()
    {
        foreach (var some in _meters.Values.Chunk(TicksAtOnce))
        {
            await Task.WhenAll(some.Select(TickAsync)).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Limits.Changed -= Follow;

    private async Task TickAsync(TenantMeter meter)
    {
        if (!await meter.TickAsync().ConfigureAwait(false))
        {
            _meters.TryRemove(KeyValuePair.Create(meter.Tenant, meter));
        }
    }

    private void Follow()
    {
        _server.Slots.Limit(Limits.Server.ConcurrentTurns, Limits.Server.WaitingChats);
        Memory.Share = Limits.Server.MemoryShare;
        Memory.MaxShare = Math.Max(Limits.Server.MemoryShare, Limits.Server.MaxMemoryShare);
    }
}
