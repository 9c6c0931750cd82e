using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A store of a test's own, which any number of servers may share.</summary>
internal abstract class TestStore : IAsyncDisposable
{
    // Several processes may share each of them.
    private static readonly string[] All = [SqliteTestStore.Provider, PostgresTestStore.Provider, AzureTestStore.Provider, RedisTestStore.Provider];

    /// <summary>The stores for a test of one server at a time: all in long runs, otherwise SQLite.</summary>
    public static IReadOnlyList<string> OfOneServer { get; } = Suite.IsLong ? All : [SqliteTestStore.Provider];

    /// <summary>The stores for a test of several servers: all in long runs, otherwise Postgres.</summary>
    public static IReadOnlyList<string> OfServers { get; } = Suite.IsLong ? All : [PostgresTestStore.Provider];

    /// <summary>The settings by which a server uses it.</summary>
    public abstract IReadOnlyList<string> Settings { get; }

    /// <summary>The same, but for a server that soon gives up on a store that does not answer.</summary>
    public abstract IReadOnlyList<string> ImpatientSettings { get; }

    /// <summary>Whether servers can read while their commits are held up.</summary>
    public virtual bool IsReadableWhileHeld => true;

    public static async Task<TestStore> CreateAsync(string provider) => provider switch
    {
        SqliteTestStore.Provider => new SqliteTestStore(),
        PostgresTestStore.Provider => await PostgresTestStore.CreateAsync(await PostgresServer.SharedAsync()),
        AzureTestStore.Provider => await AzureTestStore.CreateAsync(),
        RedisTestStore.Provider => await RedisTestStore.CreateAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "No such store."),
    };

    /// <summary>Holds up all commits of servers until it is disposed of; their reads go on if <see cref="IsReadableWhileHeld"/>.</summary>
    public abstract Task<IAsyncDisposable> HoldCommitsAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Starts a server on this store, and waits until it listens.</summary>
    public Task<ServerProcess> StartServerAsync(params IEnumerable<string> settings) =>
        ServerProcess.GreetedAsync(ServerProcess.Launch([.. Settings, .. settings]));

    /// <summary>Stops a server in its tracks, at an instant when it keeps nobody else from the store.</summary>
    public async Task FreezeAsync(ServerProcess server)
    {
        await server.SignalAsync("STOP");
        while (!await IsFreeAsync())
        {
            await server.SignalAsync("CONT");
            await server.SignalAsync("STOP");
        }
    }

    /// <summary>Whether no server is in the midst of a commit.</summary>
    protected abstract Task<bool> IsFreeAsync();
}
