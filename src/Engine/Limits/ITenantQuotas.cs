namespace GenAI.Chats.Engine.Limits;

/// <summary>The quotas of all tenants, as this server enforces them.</summary>
public interface ITenantQuotas
{
    /// <summary>Opens a tenant's quota for a chat in memory. Call <see cref="ITenantQuota.Close"/> when the chat leaves memory.</summary>
    ITenantQuota Open(string tenant);

    /// <summary>Rejects a send early, before its chat is loaded, if this server already knows that it exceeds a limit.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="mayBeRetry">
    /// Whether the send may repeat one that was accepted. Such a send is passed on so that its chat can answer it, a few per tenant at a time.
    /// </param>
    /// <returns>If not null, dispose it when the send has been answered.</returns>
    /// <exception cref="ChatException">The send is rejected.</exception>
    IDisposable? Check(string tenant, bool mayBeRetry);
}

/// <summary>A tenant's quota, as this server enforces it. Thread-safe.</summary>
public interface ITenantQuota
{
    /// <summary>The tenant's current limits, in which null means unlimited.</summary>
    TenantLimits Limits { get; }

    /// <summary>Acquires a permit for a turn. Completes synchronously unless the server must first lease more of the tenant's limits.</summary>
    /// <param name="inputBytes">The size of the turn's input.</param>
    ValueTask<TurnPermit> AcquireAsync(long inputBytes);

    /// <summary>Returns the error if this many bytes can't be added to the tenant's chats, otherwise null.</summary>
    ValueTask<ChatException?> CheckBytesAsync(long bytes);

    /// <summary>Counts turns that become pending (queued or running) on this server, or no longer are.</summary>
    /// <param name="turns">The change in pending turns.</param>
    /// <param name="inputBytes">The change in the size of their inputs, which aren't counted as stored yet.</param>
    /// <param name="permit">The permit that one of the turns was accepted with. The turn replaces it in one step, so that it's never counted twice.</param>
    void CountPending(int turns, long inputBytes, TurnPermit? permit = null);

    /// <summary>Counts bytes added to the tenant's chats, or, if negative, removed.</summary>
    void CountStored(long bytes);

    /// <summary>Counts a turn that ended on this server.</summary>
    /// <param name="duration">The time since it was accepted.</param>
    /// <param name="tokens">The tokens that it used.</param>
    void CountEnded(TimeSpan duration, long tokens);

    /// <summary>Ends the use by one chat.</summary>
    void Close();
}
