using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Storage.InMemory;

namespace GenAI.Chats.Grains.Tests.Storage.Conformance;

public sealed class InMemoryConformanceTests : ChatStoreConformance
{
    private protected override IChatStore Open(TimeProvider time) => new InMemoryChatStore(time);
}
