using GenAI.Chats.Silo.Redis;
using StackExchange.Redis;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>The process's connections to Redis, one for each connection string. Clustering and the grain directory share them.</summary>
internal sealed class RedisConnections : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Dictionary<string, ConnectionMultiplexer> _open = [];

    /// <summary>Returns the connection for a connection string. The first call connects.</summary>
    /// <exception cref="RedisConnectionException">The server can't be reached, or rejects the credentials.</exception>
    public async Task<IConnectionMultiplexer> OpenAsync(string connectionString)
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_open.TryGetValue(connectionString, out var connection))
            {
                connection = await ConnectionMultiplexer.ConnectAsync(RedisConnectionString.Parse(connectionString)).ConfigureAwait(false);
                _open[connectionString] = connection;
            }

            return connection;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Connects to a server that a silo needs.</summary>
    /// <exception cref="ClusterException">The server accepts no writes.</exception>
    /// <exception cref="RedisConnectionException">The server can't be reached, or rejects the credentials.</exception>
    public async Task PrepareAsync(string connectionString)
    {
        var connection = await OpenAsync(connectionString).ConfigureAwait(false);
        if (connection.GetServers().Where(static server => server.IsConnected).All(static server => server.IsReplica))
        {
            throw new ClusterException("The server is a replica and accepts no writes.");
        }
    }

    public void Dispose()
    {
        foreach (var connection in _open.Values)
        {
            connection.Dispose();
        }

        _opening.Dispose();
    }
}
