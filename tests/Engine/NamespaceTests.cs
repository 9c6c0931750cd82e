using GenAI.Chats.TestKit;

namespace GenAI.Chats.Engine.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(ChatsOptions).Assembly));
}
