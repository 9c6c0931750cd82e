namespace GenAI.Chats.Engine.Limits;

/// <summary>A tenant's permit to have a turn accepted, or the rejection. Dispose it when the turn has been accepted or not.</summary>
public sealed class TurnPermit : IDisposable
{
    private Action<bool>? _release;
    private bool _isUsed;

    /// <summary>Creates a permit.</summary>
    /// <param name="release">Called once on disposal, with whether a turn was accepted.</param>
    public TurnPermit(Action<bool> release) => _release = release;

    /// <summary>Creates a rejection.</summary>
    /// <param name="rejection">The error.</param>
    public TurnPermit(ChatException rejection) => Rejection = rejection;

    /// <summary>The error if the tenant may not have another turn, otherwise null.</summary>
    public ChatException? Rejection { get; }

    /// <summary>Marks that a turn was accepted. Otherwise the permit doesn't count toward the rate.</summary>
    public void Use() => _isUsed = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        _release?.Invoke(_isUsed);
        _release = null;
    }
}
