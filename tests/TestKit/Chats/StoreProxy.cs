using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>A store in front of another one, where a test delays calls, or lets them fail before or after they are done.</summary>
internal sealed class StoreProxy(IStorageBackend inner) : IStorageBackend
{
    /// <summary>Called around each call with the name of its step, such as <c>EndStep</c>, or of the member, and the call itself. Null: calls go through.</summary>
    public Func<string, Func<Task>, Task>? Around { get; set; }

    /// <summary>Called when a step was applied, before the caller gets to know it. Null: nothing is called.</summary>
    public Action<ChatKey, ChatStep, StepResult>? Applied { get; set; }

    /// <summary>Lets the next call of a name fail, and so that nobody knows whether it was done.</summary>
    public void FailOnce(string name, bool afterwards)
    {
        Around = async (called, call) =>
        {
            if (called != name)
            {
                await call();
                return;
            }

            Around = null;
            if (afterwards)
            {
                await call();
            }

            throw new ChatStoreException("The test's store fails.");
        };
    }

    /// <summary>Holds the next call of a name until the gate opens.</summary>
    public StoreGate HoldOnce(string name, bool afterwards = false)
    {
        var gate = new StoreGate();
        Around = async (called, call) =>
        {
            if (called != name)
            {
                await call();
                return;
            }

            Around = null;
            if (afterwards)
            {
                await call();
            }

            await gate.PassAsync();
            if (!afterwards)
            {
                await call();
            }
        };
        return gate;
    }

    public Task InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    public Task<StepResult> ApplyAsync(ChatKey key, ChatStep step) => Run(step.GetType().Name, async () =>
    {
        var result = await inner.ApplyAsync(key, step);
        Applied?.Invoke(key, step, result);
        return result;
    });

    public Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Run(nameof(ReadProgressAsync), () => inner.ReadProgressAsync(key, turnId, cancellationToken));

    /// <summary>What ended, or may end, the last load.</summary>
    public CancellationToken LastLoad { get; private set; }

    public Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken)
    {
        LastLoad = cancellationToken;
        return Run(nameof(LoadAsync), () => inner.LoadAsync(key, cancellationToken));
    }

    public Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Run(nameof(FindTurnAsync), () => inner.FindTurnAsync(key, turnId, cancellationToken));

    public Task<TurnRecord?> FindRevisionAsync(ChatKey key, long revision, SequenceRange range, CancellationToken cancellationToken) =>
        Run(nameof(FindRevisionAsync), () => inner.FindRevisionAsync(key, revision, range, cancellationToken));

    public Task<TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken) =>
        Run(nameof(ReadInputAsync), () => inner.ReadInputAsync(key, turnId, cancellationToken));

    public Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken) =>
        Run(nameof(FindRequestAsync), () => inner.FindRequestAsync(key, requestId, cancellationToken));

    public Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken) =>
        Run(nameof(ReadLogAsync), () => inner.ReadLogAsync(key, range, cancellationToken));

    public Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken) =>
        Run(nameof(ListAsync), () => inner.ListAsync(query, cancellationToken));

    public Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease) => inner.HeartbeatAsync(owner, lease);

    public Task LeaveAsync(string owner) => inner.LeaveAsync(owner);

    public Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken) =>
        Run(nameof(FindAbandonedAsync), () => inner.FindAbandonedAsync(query, cancellationToken));

    public Task KeepUsageAsync(UsageStep step) => Run(nameof(KeepUsageAsync), () => inner.KeepUsageAsync(step));

    public Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken) =>
        Run(nameof(ReadUsageAsync), () => inner.ReadUsageAsync(tenant, day, cancellationToken));

    public Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        Run(nameof(SumStoredBytesAsync), () => inner.SumStoredBytesAsync(tenant, cancellationToken));

    public Task<IReadOnlyList<string>?> ListTenantsAsync(string after, int maxTenants, CancellationToken cancellationToken) =>
        Run(nameof(ListTenantsAsync), () => inner.ListTenantsAsync(after, maxTenants, cancellationToken));

    public Task<IReadOnlyList<BusyChat>> ListBusyAsync(BusyQuery query, CancellationToken cancellationToken) =>
        Run(nameof(ListBusyAsync), () => inner.ListBusyAsync(query, cancellationToken));

    private async Task<T> Run<T>(string name, Func<Task<T>> call)
    {
        if (Around is not { } around)
        {
            return await call();
        }

        T result = default!;
        await around(name, async () => result = await call());
        return result;
    }

    private async Task Run(string name, Func<Task> call)
    {
        if (Around is { } around)
        {
            await around(name, call);
        }
        else
        {
            await call();
        }
    }
}

/// <summary>Where a store's call waits for the test.</summary>
internal sealed class StoreGate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a call waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(Patience.Limit);

    public void Open() => _opened.TrySetResult();

    public Task PassAsync()
    {
        _reached.TrySetResult();
        return _opened.Task;
    }
}
