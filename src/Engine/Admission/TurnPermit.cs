using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Engine.Admission;

/// <summary>A tenant's permit to have a turn accepted, or why there is none. To be disposed of once the turn is accepted, or is not.</summary>
internal sealed class TurnPermit : IDisposable
{
    private TenantMeter? _meter;
    private bool _isUsed;

    /// <summary>The permit.</summary>
    public TurnPermit(TenantMeter meter) => _meter = meter;

    /// <summary>There is none.</summary>
    public TurnPermit(ChatException refusal) => Refusal = refusal;

    /// <summary>Why there is none; null: there is one.</summary>
    public ChatException? Refusal { get; }

    /// <summary>A turn was accepted with it. Otherwise the turn of the rate is given back.</summary>
    public void Use() => _isUsed = true;

    /// <summary>It counts no more. Done again, it changes nothing.</summary>
    public void Dispose()
    {
        _meter?.Leave(_isUsed);
        _meter = null;
    }
}
