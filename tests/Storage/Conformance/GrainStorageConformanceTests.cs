using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Tests.GrainStorage;
using GenAI.Chats.TestKit;
using Xunit.Abstractions;

namespace GenAI.Chats.Storage.Tests.Conformance;

public sealed class GrainStorageConformanceTests : ChatStoreConformance
{
    private protected override Task<IStorageBackend> OpenAsync(ManualTimeProvider time) =>
        Task.FromResult<IStorageBackend>(Stores.Create(new MemoryProvider(), time));
}

/// <summary>The same over a provider that loses requests and replies, and is late, and with a log in many small records.</summary>
public sealed class FaultyGrainStorageConformanceTests(ITestOutputHelper output) : ChatStoreConformance
{
    private protected override Task<IStorageBackend> OpenAsync(ManualTimeProvider time)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        return Task.FromResult<IStorageBackend>(Stores.Create(Faults.Provider(seed), time, Stores.Small));
    }
}
