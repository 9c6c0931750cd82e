using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Tests.Storage.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Tests.Storage.Azure;

public sealed class AzureConformanceTests : ChatStoreConformance
{
    private protected override async Task<IChatStore> OpenAsync(ManualTimeProvider time) =>
        (await AzureStore.CreateAsync(time)).GetRequiredService<IChatStore>();
}
