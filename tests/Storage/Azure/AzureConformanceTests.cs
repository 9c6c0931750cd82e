using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Azure;

/// <summary>With Azurite, they take minutes. In usual runs, GrainStorage passes them in memory and with Redis.</summary>
[LongClass]
public sealed class AzureConformanceTests : ChatStoreConformance
{
    private protected override async Task<IStorageBackend> OpenAsync(ManualTimeProvider time) =>
        (await AzureStore.CreateAsync(time)).GetRequiredService<IStorageBackend>();
}
