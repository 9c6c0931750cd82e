using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Google.Protobuf.WellKnownTypes;
using Orleans.Storage;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>Servers with wrong clocks, over a provider with a clock: chats expire by that one.</summary>
public sealed class StoreClockTests : IAsyncLifetime
{
    private readonly ClockedProvider _provider = new();
    private readonly ManualTimeProvider _ahead = new();
    private readonly ManualTimeProvider _behind = new();
    private GrainStorageChatStore _a = null!;
    private GrainStorageChatStore _b = null!;

    public async Task InitializeAsync()
    {
        _ahead.SetClock(TimeSpan.FromHours(5));
        _behind.SetClock(TimeSpan.FromHours(-5));
        _a = await Stores.OpenAsync(_provider, _ahead);
        _b = await Stores.OpenAsync(_provider, _behind);
    }

    public async Task DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task Read_ClocksOfServersAreHoursOff_ChatExpiresOnAllServersAtOnce()
    {
        foreach (var (store, id) in new[] { (_a, "a"), (_b, "b") })
        {
            await store.CreateAsync(Make.Create(Make.Key(id), settings: new ChatSettings { Model = "echo", Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)) }));
        }

        await PassAsync(TimeSpan.FromMinutes(59));
        await _a.SweepAsync();
        Assert.Equal(["a", "b"], await ListAsync(_a));
        Assert.Equal(["a", "b"], await ListAsync(_b));

        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(await ListAsync(_a));
        Assert.Empty(await ListAsync(_b));
        Assert.Null(await _b.LoadAsync(Make.Key("a"), default));
        Assert.Null(await _a.LoadAsync(Make.Key("b"), default));
    }

    [Fact]
    public async Task Read_ClockOfAServerIsSet_ChangesNothing()
    {
        await _a.CreateAsync(Make.Create(Make.Key(), settings: new ChatSettings { Model = "echo", Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)) }));

        _ahead.SetClock(TimeSpan.FromDays(1));

        Assert.NotNull(await _a.LoadAsync(Make.Key(), default));
    }

    [Fact]
    public async Task Heartbeat_ClockCannotBeRead_LastReadingStaysInUse()
    {
        await _a.CreateAsync(Make.Create(Make.Key(), settings: new ChatSettings { Model = "echo", Ttl = Duration.FromTimeSpan(TimeSpan.FromHours(1)) }));
        _provider.Failure = new TimeoutException();

        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.NotNull(await _a.LoadAsync(Make.Key(), default));
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Null(await _a.LoadAsync(Make.Key(), default));
    }

    // On all clocks; both servers send heartbeats.
    private async Task PassAsync(TimeSpan time)
    {
        _provider.Time.Advance(time);
        _ahead.Advance(time);
        _behind.Advance(time);
        await _a.HeartbeatAsync("a", TimeSpan.FromSeconds(5));
        await _b.HeartbeatAsync("b", TimeSpan.FromSeconds(5));
    }

    private static async Task<IEnumerable<string>> ListAsync(GrainStorageChatStore store) =>
        (await store.ListAsync(new ChatListQuery("default", [], 10, null), default)).Chats.Select(found => found.Chat.Key.ChatId).Order();

    private sealed class ClockedProvider : IGrainStorageSource
    {
        private readonly MemoryProvider _records = new();

        public ManualTimeProvider Time { get; } = new();

        public Exception? Failure { get; set; }

        public Task<IGrainStorage> StartAsync(CancellationToken cancellationToken) => _records.StartAsync(cancellationToken);

        public ValueTask<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) =>
            Failure is null ? ValueTask.FromResult<DateTimeOffset?>(Time.GetUtcNow()) : ValueTask.FromException<DateTimeOffset?>(Failure);
    }
}
