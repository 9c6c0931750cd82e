namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A test of a server that its class's tests share. It fails when the server logs an error.</summary>
public abstract class ApiTest(TestServer server) : IAsyncLifetime
{
    /// <summary>The server.</summary>
    protected TestServer Server { get; } = server;

    /// <summary>A client of it.</summary>
    protected V1.Chats.ChatsClient Client => Server.Client;

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync()
    {
        Assert.Empty(Server.Errors.Take());
        return Task.CompletedTask;
    }
}
