using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>A store over the published provider for Redis, set up as a host does, and a Redis server.</summary>
internal static class RedisStore
{
    /// <summary>A store with a name of its own on the server that all tests share.</summary>
    public static async Task<ServiceProvider> CreateSharedAsync(TimeProvider time)
    {
        var redis = await RedisServer.SharedAsync();
        return Create(time, redis.ConnectionString, redis.NewName());
    }

    public static ServiceProvider Create(TimeProvider time, string connectionString, string container = "chats", ILoggerProvider? log = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Provider"] = StorageProviders.GrainStorage,
            ["Storage:GrainStorage"] = "redis",
            ["Storage:ConnectionString"] = connectionString,
            ["Storage:Container"] = container,
            ["Storage:RequestTimeout"] = "00:00:02",
        }).Build();
        var services = new ServiceCollection().AddLogging().AddSingleton(time).AddChatGrains(configuration);
        return (log is null ? services : services.AddSingleton(log)).BuildServiceProvider();
    }

    /// <summary>The store, ready to use.</summary>
    public static async Task<IStorageBackend> OpenAsync(this ServiceProvider services)
    {
        var store = services.GetRequiredService<IStorageBackend>();
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }
}
