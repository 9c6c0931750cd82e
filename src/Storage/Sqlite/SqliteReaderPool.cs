namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Connections for reads, which run on the thread pool. Each read sees one instant. Reads and the writer don't wait for each other. One
/// tenant can't use all connections.
/// </summary>
internal sealed class SqliteReaderPool(SqliteConnections connections, ILogger logger) : IAsyncDisposable
{
    private const int MaxReaders = 8;
    private const int MaxReadersOfTenant = 4;

    private readonly KeyedLocks<string> _tenants = new(MaxReadersOfTenant);
    private readonly SemaphoreSlim _places = new(MaxReaders);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _isClosed;

    /// <summary>Runs queries that all see the same instant, which isn't before this call.</summary>
    /// <param name="tenant">The tenant whose request reads; empty for the service itself.</param>
    /// <param name="body">The queries.</param>
    /// <param name="cancellationToken">Cancels the read, also while a query runs.</param>
    /// <exception cref="ChatStoreException">The file can't be read, or the store is closed.</exception>
    /// <exception cref="OperationCanceledException">The read was canceled.</exception>
    public async Task<T> ReadAsync<T>(string tenant, Func<SqliteSession, T> body, CancellationToken cancellationToken)
    {
        using var turn = await _tenants.EnterAsync(tenant, cancellationToken).ConfigureAwait(false);
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(body, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Waits for the running reads, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        for (var i = 0; i < MaxReaders; i++)
        {
            await _places.WaitAsync().ConfigureAwait(false);
        }

        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }

        // Later reads find out in Read.
        _places.Release(MaxReaders);
    }

    private T Read<T>(Func<SqliteSession, T> body, CancellationToken cancellationToken)
    {
        if (_isClosed)
        {
            throw new ChatStoreException("The store is closed.");
        }

        SqliteSession? session = null;
        try
        {
            session = _idle.TryTake(out var idle) ? idle : connections.OpenReader();
            session.BeginRead(cancellationToken);
            var result = body(session);
            session.Commit();
            _idle.Add(session);
            return result;
        }
        catch (Exception exception)
        {
            // Whatever the failure, the next read gets another connection.
            session?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            SqliteLog.ReadFailed(logger, exception);
            throw SqliteErrors.Translate(exception);
        }
    }
}
