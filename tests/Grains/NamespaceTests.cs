using GenAI.Chats.TestKit;

namespace GenAI.Chats.Grains.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(IChatGrain).Assembly));
}
