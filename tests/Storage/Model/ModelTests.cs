using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.Storage.Tests.GrainStorage;
using GenAI.Chats.Storage.Tests.Postgres;
using GenAI.Chats.Storage.Tests.Redis;
using GenAI.Chats.Storage.Tests.Sqlite;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace GenAI.Chats.Storage.Tests.Model;

/// <summary>
/// Random steps, the same on a store and on a plain model of the contract. A seed that failed once becomes a row of the first tests.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output) : IDisposable
{
    private readonly SqliteFile _file = new();
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task InMemory_RandomSteps_DoesWhatTheModelDoes(int? seed) =>
        await StepAsync(new InMemoryChatStore(_time), seed, callers: 1, Suite.Pick(1000, inLongRuns: 3000));

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task Sqlite_RandomSteps_DoesWhatTheModelDoes(int? seed)
    {
        await using var store = _file.Store(_time);
        await StepAsync(store, seed, callers: 1, Suite.Pick(500, inLongRuns: 1500));
    }

    [Fact]
    public async Task InMemory_RandomStepsByManyAtOnce_DoesWhatTheirModelsDo() =>
        await StepAsync(new InMemoryChatStore(_time), null, callers: 8, steps: 500);

    [Fact]
    public async Task Sqlite_RandomStepsByManyAtOnce_DoesWhatTheirModelsDo()
    {
        await using var store = _file.Store(_time);
        await StepAsync(store, null, callers: 8, steps: 300);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task GrainStorage_RandomStepsOverAFaultyProvider_DoesWhatTheModelDoes(int? seed)
    {
        await using var store = Stores.Create(Faults.Provider(seed ?? Random.Shared.Next()), _time, Stores.Small);
        await StepAsync(store, seed, callers: 1, steps: 1000, isReliable: false);
    }

    [Fact]
    public async Task GrainStorage_RandomStepsByManyAtOnceOverAFaultyProvider_DoesWhatTheirModelsDo()
    {
        await using var store = Stores.Create(Faults.Provider(Random.Shared.Next()), _time, Stores.Small);
        await StepAsync(store, null, callers: 8, steps: 200, isReliable: false);
    }

    [Theory]
    [LongInlineData(1)]
    [InlineData(null)]
    public async Task Postgres_RandomSteps_DoesWhatTheModelDoes(int? seed)
    {
        using var database = await PostgresDatabase.CreateAsync();
        await database.FollowAsync(_time);
        await using var store = database.Store();
        await StepAsync(store, seed, callers: 1, Suite.Pick(150, inLongRuns: 400));
    }

    [Fact]
    public async Task Postgres_RandomStepsByManyAtOnce_DoesWhatTheirModelsDo()
    {
        using var database = await PostgresDatabase.CreateAsync();
        await database.FollowAsync(_time);
        await using var store = database.Store();
        await StepAsync(store, null, callers: 8, steps: 100);
    }

    [Theory]
    [LongInlineData(1)]
    [InlineData(530986772)]
    [InlineData(null)]
    public async Task Redis_RandomSteps_DoesWhatTheModelDoes(int? seed)
    {
        await using var services = await RedisStore.CreateSharedAsync(_time);
        await StepAsync(services.GetRequiredService<IStorageBackend>(), seed, callers: 1, Suite.Pick(100, inLongRuns: 200));
    }

    [Fact]
    public async Task Redis_RandomStepsByManyAtOnce_DoesWhatTheirModelsDo()
    {
        await using var services = await RedisStore.CreateSharedAsync(_time);
        await StepAsync(services.GetRequiredService<IStorageBackend>(), null, callers: 8, steps: 50);
    }

    public void Dispose() => _file.Dispose();

    private async Task StepAsync(IStorageBackend store, int? fixedSeed, int callers, int steps, bool isReliable = true)
    {
        var seed = fixedSeed ?? Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        await store.InitializeAsync(CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(i => Task.Run(
            () => new RandomSteps(store, _time, new Random(seed + i), $"caller-{i}", isReliable, isAlone: callers == 1).RunAsync(steps))));
    }
}
