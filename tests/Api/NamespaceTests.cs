using GenAI.Chats.Api.Configuration;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Api.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public void Namespaces_HaveNoCycles() => Assert.Empty(NamespaceCycles.Find(typeof(ApiOptions).Assembly));
}
