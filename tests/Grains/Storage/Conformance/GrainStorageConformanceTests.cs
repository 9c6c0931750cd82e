using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Storage.GrainStorage;
using GenAI.Chats.Grains.Tests.Storage.GrainStorage;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace GenAI.Chats.Grains.Tests.Storage.Conformance;

public sealed class GrainStorageConformanceTests : ChatStoreConformance
{
    private protected override Task<IChatStore> OpenAsync(ManualTimeProvider time) =>
        Task.FromResult<IChatStore>(new GrainStorageChatStore(new MemoryProvider(), time, NullLogger<GrainStorageChatStore>.Instance));
}

/// <summary>The same over a provider that loses requests and replies, and is late.</summary>
public sealed class FaultyGrainStorageConformanceTests(ITestOutputHelper output) : ChatStoreConformance
{
    private protected override Task<IChatStore> OpenAsync(ManualTimeProvider time)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return Task.FromResult<IChatStore>(new GrainStorageChatStore(Faults.Provider(seed), time, NullLogger<GrainStorageChatStore>.Instance));
    }
}
