using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Tests.Storage.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Tests.Storage.Redis;

public sealed class RedisConformanceTests : ChatStoreConformance
{
    private protected override async Task<IChatStore> OpenAsync(ManualTimeProvider time) =>
        (await RedisStore.CreateSharedAsync(time)).GetRequiredService<IChatStore>();
}
