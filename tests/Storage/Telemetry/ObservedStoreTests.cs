using System.Reflection;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Telemetry;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Telemetry;

public sealed class ObservedStoreTests
{
    private static readonly TimeSpan MaxRead = TimeSpan.FromSeconds(8);
    private static readonly DeleteStep Delete = new("request", Make.Time, DateTimeOffset.MinValue);

    private static IEnumerable<MethodInfo> Members =>
        new[] { typeof(IChatStore), typeof(IOwnerStore), typeof(ITenantUsageStore) }.SelectMany(type => type.GetMethods());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Members_ListenedToOrNot_CallTheStoreOnce(bool isObserved)
    {
        using var measurements = isObserved ? new Measurements() : null;
        var inner = Store.Of();
        var store = Observed(inner, measurements);

        foreach (var method in Members)
        {
            await (Task)method.Invoke(store, Arguments(method))!;
        }

        Assert.Equal(Members.Select(method => method.Name), ((Store)inner).Calls);
    }

    [Fact]
    public async Task Steps_SomebodyListens_AreMeasuredByStepAndError()
    {
        using var measurements = new Measurements();
        var inner = Store.Of();
        var store = Observed(inner, measurements);

        await store.ApplyAsync(default, Delete);
        ((Store)inner).Failure = new ChatConflictException("Elsewhere.");
        await Assert.ThrowsAsync<ChatConflictException>(() => store.ApplyAsync(default, Make.Accept(Make.Queued(1))));
        ((Store)inner).Failure = new ChatStoreException("Gone.");
        await Assert.ThrowsAsync<ChatStoreException>(() => store.ApplyAsync(default, Make.End(1)));
        await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(default, CancellationToken.None));

        Assert.Equal(
            [
                "chats.store.commit.duration{db.system.name=postgresql, chats.store.step=delete}",
                "chats.store.commit.duration{db.system.name=postgresql, chats.store.step=accept, error.type=CONFLICT}",
                "chats.store.commit.duration{db.system.name=postgresql, chats.store.step=end, error.type=UNAVAILABLE}",
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
        var store = Observed(inner, measurements, health);

        ((Store)inner).Failure = new ChatStoreException("Gone.");
        await Assert.ThrowsAsync<ChatStoreException>(() => store.ApplyAsync(default, Delete));
        ((Store)inner).Failure = new ChatStoreException("One chat's.") { Damage = StoreDamage.Record };
        await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadAsync(default, CancellationToken.None));
        Assert.Null(health.Damage);

        foreach (var method in Members)
        {
            health = new StoreHealth();
            store = Observed(inner, measurements, health);
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
    [InlineData(nameof(ITenantUsageStore.ReadUsageAsync))]
    public async Task Reads_TakeTooLongOrAreGivenUp_AreStopped(string name)
    {
        var time = new ManualTimeProvider();
        var inner = Store.Of();
        ((Store)inner).Holds = true;
        var store = Observed(inner, time: time);
        var method = Members.Single(method => method.Name == name);

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

    private static ObservedStore Observed(IStorageBackend inner, Measurements? measurements = null, StoreHealth? health = null, TimeProvider? time = null) =>
        new(inner, new StoreTelemetry("Postgres", measurements), health ?? new StoreHealth(), MaxRead, time ?? TimeProvider.System);

    private static object?[] Arguments(MethodInfo method) =>
        [.. method.GetParameters().Select(parameter => parameter.ParameterType == typeof(ChatStep) ? Delete
            : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];

#pragma warning disable CA1852 // The runtime makes a class of it.
    private class Store : DispatchProxy
#pragma warning restore CA1852
    {
        public Exception? Failure { get; set; }

        /// <summary>Whether reads take until they are cancelled.</summary>
        public bool Holds { get; set; }

        /// <summary>The members that were called.</summary>
        public List<string> Calls { get; } = [];

        public static IStorageBackend Of() => Create<IStorageBackend, Store>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Calls.Add(targetMethod!.Name);
            var type = targetMethod.ReturnType;
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

            var value = result.IsValueType ? Activator.CreateInstance(result) : null;
            return typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(result).Invoke(null, [value]);
        }

        private static async Task<T> HoldAsync<T>(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return default!;
        }
    }
}
