using GenAI.Chats.TestKit;

namespace GenAI.Chats.Client.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(ChatsClient).Assembly));
}
