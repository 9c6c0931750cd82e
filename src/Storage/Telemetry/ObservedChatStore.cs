using System.Diagnostics;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;

namespace GenAI.Chats.Storage.Telemetry;

/// <summary>
/// Wraps a store: measures its steps, adds them to the trace, notes damage, and stops reads that take too long.
/// </summary>
/// <param name="inner">The store.</param>
/// <param name="system">Its <c>db.system.name</c>.</param>
/// <param name="metrics">For the times of steps.</param>
/// <param name="time">Measures them.</param>
/// <param name="health">Is told of what fails.</param>
/// <param name="maxRead">How long a read may take that somebody waits for.</param>
internal sealed class ObservedChatStore(
    IChatStore inner, string system, ChatMetrics metrics, TimeProvider time, StoreHealth health, TimeSpan maxRead) : IChatStore, IAsyncDisposable
{
    /// <summary>The store itself.</summary>
    public IChatStore Inner => inner;

    private bool IsObserved => metrics.CommitDuration.Enabled || (Activity.Current is not null && ChatTracing.IsOn);

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<ChatRecord?> CreateAsync(CreateStep step) => IsObserved
        ? ObserveAsync("create", (inner, step), static s => s.inner.CreateAsync(s.step))
        : Watch(inner.CreateAsync(step));

    /// <inheritdoc/>
    public Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step) => IsObserved
        ? ObserveAsync("accept", (inner, key, step), static s => s.inner.AcceptAsync(s.key, s.step))
        : Watch(inner.AcceptAsync(key, step));

    /// <inheritdoc/>
    public Task StartAsync(ChatKey key, StartStep step) => IsObserved
        ? ObserveAsync("start", (inner, key, step), static s => Done(s.inner.StartAsync(s.key, s.step)))
        : Watch(inner.StartAsync(key, step));

    /// <inheritdoc/>
    public Task EndAsync(ChatKey key, EndStep step) => IsObserved
        ? ObserveAsync("end", (inner, key, step), static s => Done(s.inner.EndAsync(s.key, s.step)))
        : Watch(inner.EndAsync(key, step));

    /// <inheritdoc/>
    public Task ReleaseAsync(ChatKey key, ReleaseStep step) => IsObserved
        ? ObserveAsync("release", (inner, key, step), static s => Done(s.inner.ReleaseAsync(s.key, s.step)))
        : Watch(inner.ReleaseAsync(key, step));

    /// <inheritdoc/>
    public Task StopAsync(ChatKey key, StopStep step) => IsObserved
        ? ObserveAsync("stop", (inner, key, step), static s => Done(s.inner.StopAsync(s.key, s.step)))
        : Watch(inner.StopAsync(key, step));

    /// <inheritdoc/>
    public Task KeepProgressAsync(ChatKey key, ProgressStep step) => IsObserved
        ? ObserveAsync("keep_progress", (inner, key, step), static s => Done(s.inner.KeepProgressAsync(s.key, s.step)))
        : Watch(inner.KeepProgressAsync(key, step));

    /// <inheritdoc/>
    public Task UpdateSettingsAsync(ChatKey key, long version, ChatSettings settings, DateTimeOffset updateTime, long growth) => IsObserved
        ? ObserveAsync(
            "update_settings",
            (inner, key, version, settings, updateTime, growth),
            static s => Done(s.inner.UpdateSettingsAsync(s.key, s.version, s.settings, s.updateTime, s.growth)))
        : Watch(inner.UpdateSettingsAsync(key, version, settings, updateTime, growth));

    /// <inheritdoc/>
    public Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step) => IsObserved
        ? ObserveAsync("delete", (inner, key, step), static s => s.inner.DeleteAsync(s.key, s.step))
        : Watch(inner.DeleteAsync(key, step));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoppedTurn>> BeatAsync(string owner, TimeSpan lifetime) => IsObserved
        ? ObserveAsync("beat", (inner, owner, lifetime), static s => s.inner.BeatAsync(s.owner, s.lifetime))
        : Watch(inner.BeatAsync(owner, lifetime));

    /// <inheritdoc/>
    public Task LeaveAsync(string owner) => Watch(inner.LeaveAsync(owner));

    /// <inheritdoc/>
    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken) => ReadAsync(token => inner.LoadAsync(key, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.FindTurnAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadInputAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.FindRequestAsync(key, requestId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadProgressAsync(key, turnId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) => ReadAsync(token => inner.ReadLogAsync(key, range, token), cancellationToken);

    /// <inheritdoc/>
    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) => ReadAsync(token => inner.ListAsync(query, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Watch(inner.FindAbandonedAsync(query, cancellationToken));

    /// <inheritdoc/>
    public Task KeepUsageAsync(UsageStep step) => IsObserved
        ? ObserveAsync("keep_usage", (inner, step), static s => Done(s.inner.KeepUsageAsync(s.step)))
        : Watch(inner.KeepUsageAsync(step));

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        ReadAsync(token => inner.ReadUsageAsync(tenant, day, token), cancellationToken);

    /// <inheritdoc/>
    public Task<long> SumHistoryBytesAsync(string tenant, CancellationToken cancellationToken) => Watch(inner.SumHistoryBytesAsync(tenant, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        switch (inner)
        {
            case IAsyncDisposable store:
                await store.DisposeAsync().ConfigureAwait(false);
                break;
            case IDisposable store:
                store.Dispose();
                break;
            default:
                break;
        }
    }

    private Task<T> ReadAsync<T>(Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var limit = new CancellationTokenSource(maxRead, time);
        var either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken) : limit;
        var call = Watch(read(either.Token));
        if (!call.IsCompletedSuccessfully)
        {
            return EndAsync();
        }

        End();
        return call;

        async Task<T> EndAsync()
        {
            try
            {
                return await call.ConfigureAwait(false);
            }
            catch (OperationCanceledException canceled) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new ChatStoreException("A read took longer than Storage:ReadTimeout.", canceled) { IsReadTimeout = true };
            }
            finally
            {
                End();
            }
        }

        void End()
        {
            either.Dispose();
            limit.Dispose();
        }
    }

    private Task<T> Watch<T>(Task<T> call) => call.IsCompletedSuccessfully ? call : WatchAsync(call);

    private Task Watch(Task call) => call.IsCompletedSuccessfully ? call : WatchAsync(Done(call));

    private async Task<T> WatchAsync<T>(Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (ChatStoreException failure)
        {
            health.Note(failure);
            throw;
        }
    }

    private static async Task<bool> Done(Task step)
    {
        await step.ConfigureAwait(false);
        return true;
    }

    private async Task<TResult> ObserveAsync<TState, TResult>(string step, TState state, Func<TState, Task<TResult>> run)
    {
        var begin = time.GetTimestamp();
        using var span = ChatTracing.StartStep(step, system);
        string? error = null;
        try
        {
            return await WatchAsync(run(state)).ConfigureAwait(false);
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
            ChatTracing.Fail(span, error);
            throw;
        }
        finally
        {
            var tags = new TagList { { "db.system.name", system }, { "chats.store.step", step } };
            if (error is not null)
            {
                tags.Add("error.type", error);
            }

            metrics.CommitDuration.Record(time.GetElapsedTime(begin).TotalSeconds, tags);
        }
    }
}
