namespace GenAI.Chats.Storage.Telemetry;

/// <summary>The store as the service uses it: it measures and traces commits, notes damage, and stops reads that take too long.</summary>
/// <param name="inner">The store.</param>
/// <param name="telemetry">Measures and traces commits.</param>
/// <param name="health">Notes damage.</param>
/// <param name="maxRead">The maximum duration of a read that a client waits for.</param>
/// <param name="time">The clock.</param>
internal sealed class ObservedStore(IStorageBackend inner, StoreTelemetry telemetry, StoreHealth health, TimeSpan maxRead, TimeProvider time)
    : IChatStore, IOwnerStore, ITenantUsageStore, IOperatorStore
{
    /// <inheritdoc/>
    public Task<StepResult> ApplyAsync(ChatKey key, ChatStep step) => telemetry.IsOn
        ? ObserveAsync(step.Name, () => inner.ApplyAsync(key, step))
        : Watch(inner.ApplyAsync(key, step));

    /// <inheritdoc/>
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.LoadAsync(key, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.FindTurnAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadInputAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.FindRevisionAsync(key, revision, range, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.FindRequestAsync(key, requestId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadProgressAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadLogAsync(key, range, token), cancellationToken);

    /// <inheritdoc/>
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ListAsync(query, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease) => telemetry.IsOn
        ? ObserveAsync("beat", () => inner.HeartbeatAsync(owner, lease))
        : Watch(inner.HeartbeatAsync(owner, lease));

    /// <inheritdoc/>
    public Task LeaveAsync(string owner) => Watch(Done(inner.LeaveAsync(owner)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Watch(inner.FindAbandonedAsync(query, cancellationToken));

    /// <inheritdoc/>
    public Task KeepUsageAsync(UsageStep step) => telemetry.IsOn
        ? ObserveAsync("keep_usage", () => Done(inner.KeepUsageAsync(step)))
        : Watch(Done(inner.KeepUsageAsync(step)));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadUsageAsync(tenant, day, token), cancellationToken);

    /// <inheritdoc/>
    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) => Watch(inner.SumStoredBytesAsync(tenant, cancellationToken));

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ListTenantsAsync(after, maxTenants, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ListBusyAsync(query, token), cancellationToken);

    private async Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(maxRead, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await Watch(read(either.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException canceled) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ChatStoreException("A read exceeded Storage:ReadTimeout.", canceled) { IsReadTimeout = true };
        }
    }

    private Task<T> Watch<T>(Task<T> call) => call.IsCompletedSuccessfully ? call : WatchAsync(call);

    // Continues on the caller's context: on a grain's scheduler. Another thread in between would cost a thread switch.
    private async Task<T> WatchAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (ChatStoreException failure)
        {
            health.Note(failure);
            throw;
        }
    }

    private static async Task<bool> Done(Task call)
    {
        await call.ConfigureAwait(false);
        return true;
    }

    private async Task<T> ObserveAsync<T>(string step, Func<Task<T>> run)
    {
        var begin = time.GetTimestamp();
        using var span = telemetry.Start(step);
        string? error = null;
        try
        {
            return await WatchAsync(run());
        }
        catch (Exception failure)
        {
            error = failure switch
            {
                ChatConflictException => "CONFLICT",
                ChatLimitException => "LIMIT",
                ChatStoreException { Damage: not StoreDamage.None } => "DAMAGED",
                ChatStoreException => "UNAVAILABLE",
                _ => failure.GetType().FullName,
            };
            throw;
        }
        finally
        {
            telemetry.Record(span, step, time.GetElapsedTime(begin), error);
        }
    }
}
