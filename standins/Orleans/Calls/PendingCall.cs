namespace Orleans.Runtime;

/// <summary>A request whose caller waits for a response.</summary>
internal abstract class PendingCall : Request
{
    public PendingCall? Previous { get; set; }

    public PendingCall? Next { get; set; }

    public bool IsListed { get; set; }

    /// <summary>When it was sent, as the clock of the messages counts.</summary>
    public long Since { get; set; }

    public abstract void OnTimeout(TimeSpan timeout);
}
