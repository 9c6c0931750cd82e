namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A test of a server that its class's tests share. It fails when the server logs an error that the test has not expected.</summary>
public abstract class ApiTest(ChatsServer server) : IAsyncLifetime
{
    private readonly HashSet<string> _expected = [];

    /// <summary>The server.</summary>
    protected ChatsServer Server { get; } = server;

    /// <summary>A client of it.</summary>
    protected V1.Chats.ChatsClient Client => Server.Client;

    /// <summary>Lets events of a name pass.</summary>
    protected void ExpectLog(string name) => _expected.Add(name);

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync()
    {
        Assert.DoesNotContain(Server.Errors.Take(), entry => !_expected.Contains(entry.Event ?? ""));
        return Task.CompletedTask;
    }
}
