using System.Reflection;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Storage.Telemetry;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests.Telemetry;

public sealed class ObservedChatStoreTests
{
    private static readonly TimeSpan MaxRead = TimeSpan.FromSeconds(8);

    [Fact]
    public void Members_NobodyListens_ReturnWhatTheStoreReturns()
    {
        var inner = Store.Of();
        var store = new ObservedChatStore(inner, "memory", new ChatMetrics(), TimeProvider.System, new StoreHealth(), MaxRead);

        foreach (var method in typeof(IChatStore).GetMethods())
        {
            Assert.Same(method.Invoke(inner, Arguments(method)), method.Invoke(store, Arguments(method)));
        }
    }

    [Fact]
    public async Task Steps_SomebodyListens_AreMeasuredByStepAndError()
    {
        using var measurements = new Measurements();
        var inner = Store.Of();
        var store = new ObservedChatStore(inner, "memory", new ChatMetrics(measurements), TimeProvider.System, new StoreHealth(), MaxRead);

        await store.DeleteAsync(default, null!);
        ((Store)inner).Failure = new ChatConflictException("Elsewhere.");
        await Assert.ThrowsAsync<ChatConflictException>(() => store.AcceptAsync(default, null!));
        ((Store)inner).Failure = new ChatStoreException("Gone.");
        await Assert.ThrowsAsync<ChatStoreException>(() => store.EndAsync(default, null!));
        await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(default, CancellationToken.None));

        Assert.Equal(
            [
                "chats.store.commit.duration{db.system.name=memory, chats.store.step=delete}",
                "chats.store.commit.duration{db.system.name=memory, chats.store.step=accept, error.type=CONFLICT}",
                "chats.store.commit.duration{db.system.name=memory, chats.store.step=end, error.type=UNAVAILABLE}",
            ],
            measurements.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Members_DatabaseIsDamaged_IsNoted(bool isObserved)
    {
        using var measurements = isObserved ? new Measurements() : null;
        var health = new StoreHealth();
        var inner = Store.Of();
        var store = new ObservedChatStore(inner, "memory", new ChatMetrics(measurements), TimeProvider.System, health, MaxRead);

        ((Store)inner).Failure = new ChatStoreException("Gone.");
        await Assert.ThrowsAsync<ChatStoreException>(() => store.DeleteAsync(default, null!));
        ((Store)inner).Failure = new ChatStoreException("One chat's.") { Damage = StoreDamage.Record };
        await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(default, CancellationToken.None));
        Assert.Null(health.Damage);

        foreach (var method in typeof(IChatStore).GetMethods().Where(method => method.Name != nameof(IChatStore.InitializeAsync)))
        {
            health = new StoreHealth();
            store = new ObservedChatStore(inner, "memory", new ChatMetrics(measurements), TimeProvider.System, health, MaxRead);
            ((Store)inner).Failure = new ChatStoreException("Damaged.") { Damage = StoreDamage.Database };

            await Assert.ThrowsAsync<ChatStoreException>(() => (Task)method.Invoke(store, Arguments(method))!);

            Assert.Equal("Damaged.", health.Damage);
        }
    }

    [Theory]
    [InlineData(nameof(IChatStore.LoadAsync))]
    [InlineData(nameof(IChatStore.FindTurnAsync))]
    [InlineData(nameof(IChatStore.FindRequestAsync))]
    [InlineData(nameof(IChatStore.ReadProgressAsync))]
    [InlineData(nameof(IChatStore.ReadLogAsync))]
    [InlineData(nameof(IChatStore.ListAsync))]
    [InlineData(nameof(IChatStore.ReadUsageAsync))]
    public async Task Reads_TakeTooLongOrAreGivenUp_AreStopped(string name)
    {
        var time = new ManualTimeProvider();
        var inner = Store.Of();
        ((Store)inner).Holds = true;
        var store = new ObservedChatStore(inner, "memory", new ChatMetrics(), time, new StoreHealth(), MaxRead);
        var method = typeof(IChatStore).GetMethod(name)!;

        var read = (Task)method.Invoke(store, Arguments(method))!;
        time.Advance(MaxRead - TimeSpan.FromTicks(1));
        Assert.False(read.IsCompleted);
        time.Advance(TimeSpan.FromTicks(1));
        Assert.True((await Assert.ThrowsAsync<ChatStoreException>(() => read)).IsReadTimeout);

        using var caller = new CancellationTokenSource();
        read = (Task)method.Invoke(store, [.. Arguments(method)[..^1], caller.Token])!;
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    private static object?[] Arguments(MethodInfo method) =>
        [.. method.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];

#pragma warning disable CA1852 // The runtime makes a class of it.
    private class Store : DispatchProxy
#pragma warning restore CA1852
    {
        private readonly Dictionary<MethodInfo, object?> _results = [];

        public Exception? Failure { get; set; }

        /// <summary>Whether reads take until they are cancelled.</summary>
        public bool Holds { get; set; }

        public static IChatStore Of() => Create<IChatStore, Store>();

        // A task of its own for each method, of whatever type, that has completed with nothing.
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var type = targetMethod!.ReturnType;
            var result = type.IsGenericType ? type.GetGenericArguments()[0] : typeof(int);
            if (Failure is not null)
            {
                return typeof(Task).GetMethod(nameof(Task.FromException), 1, [typeof(Exception)])!.MakeGenericMethod(result).Invoke(null, [Failure]);
            }

            if (Holds)
            {
                var hold = typeof(Store).GetMethod(nameof(HoldAsync), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(result);
                return hold.Invoke(null, [args![^1]]);
            }

            if (!_results.TryGetValue(targetMethod, out var task))
            {
                var value = result.IsValueType ? Activator.CreateInstance(result) : null;
                task = typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(result).Invoke(null, [value]);
                _results.Add(targetMethod, task);
            }

            return task;
        }

        private static async Task<T> HoldAsync<T>(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return default!;
        }
    }
}
