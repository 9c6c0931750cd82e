using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Azure;

public sealed class AzureConformanceTests : ChatStoreConformance
{
    private protected override async Task<IStorageBackend> OpenAsync(ManualTimeProvider time) =>
        (await AzureStore.CreateAsync(time)).GetRequiredService<IStorageBackend>();
}
