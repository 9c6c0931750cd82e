using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Redis;

public sealed class RedisConformanceTests : ChatStoreConformance
{
    private protected override async Task<IStorageBackend> OpenAsync(ManualTimeProvider time) =>
        (await RedisStore.CreateSharedAsync(time)).GetRequiredService<IStorageBackend>();
}
