using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.Storage.Tests.Azure;
using GenAI.Chats.Storage.Tests.Redis;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>The clocks of real stores. The clock of the server in these tests stands still, months before.</summary>
public sealed class ProviderClockTests
{
    [Fact]
    public async Task ReadClock_AzureBlobs_IsTheTimeOfTheAccount()
    {
        await using var services = await AzureStore.CreateAsync(new ManualTimeProvider());

        await AssertIsNowAsync(services);
    }

    [Fact]
    public async Task ReadClock_Redis_IsTheTimeOfTheServer()
    {
        await using var services = await RedisStore.CreateSharedAsync(new ManualTimeProvider());

        await AssertIsNowAsync(services);
    }

    [Fact]
    public async Task ReadClock_RedisDeniesIt_IsNull()
    {
        await using var redis = await RedisServer.StartNewAsync("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-time");
        await using var services = RedisStore.Create(new ManualTimeProvider(), redis.ConnectionString);

        Assert.Null(await ReadAsync(services));
    }

    private static async Task AssertIsNowAsync(IServiceProvider services)
    {
        var before = DateTimeOffset.UtcNow;

        var read = await ReadAsync(services);

        Assert.InRange(read!.Value, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    private static async Task<DateTimeOffset?> ReadAsync(IServiceProvider services)
    {
        await services.GetRequiredService<IStorageBackend>().InitializeAsync(CancellationToken.None);
        return await services.GetRequiredService<IGrainStorageSource>().ReadClockAsync(CancellationToken.None);
    }
}
