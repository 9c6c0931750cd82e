using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests.Conformance;

public sealed class InMemoryConformanceTests : ChatStoreConformance
{
    private protected override Task<IStorageBackend> OpenAsync(ManualTimeProvider time) => Task.FromResult<IStorageBackend>(new InMemoryChatStore(time));
}
