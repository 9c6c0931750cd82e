using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Silo.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(UnknownSettings).Assembly));
}
