namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>
/// A server that one test has for itself: ended with the test, which fails when it has logged an error that is not expected.
/// </summary>
public sealed class DisposableServer(TestServer server, params string[] expectedLogs) : IAsyncDisposable
{
    public TestServer Value { get; } = server;

    public async ValueTask DisposeAsync()
    {
        await Value.DisposeAsync();
        Assert.DoesNotContain(Value.Errors.Take(), entry => !expectedLogs.Contains(entry.Event));
    }
}
