using GenAI.Chats.TestKit;

namespace GenAI.Chats.Storage.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(StorageOptions).Assembly));
}
