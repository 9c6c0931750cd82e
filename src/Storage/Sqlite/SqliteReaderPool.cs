using System.Collections.Concurrent;
using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// A few connections that read, on the thread pool, each seeing one instant. They neither wait for the writer nor hold it up. No tenant has all of them.
/// </summary>
internal sealed class SqliteReaderPool(SqliteConnections connections, ILogger logger) : IAsyncDisposable
{
    private const int MaxReaders = 8;
    private const int MaxReadersOfTenant = 4;

    private readonly KeyedLocks<string> _tenants = new(MaxReadersOfTenant);
    private readonly SemaphoreSlim _places = new(MaxReaders);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _isClosed;

    /// <summary>Runs queries that all see the same instant, not before this call.</summary>
    /// <param name="tenant">Who has them run; empty: the service itself.</param>
    /// <param name="body">The queries.</param>
    /// <param name="cancellationToken">Says that the caller has given up.</param>
    /// <exception cref="ChatStoreException">The file cannot be read, or the store is closed.</exception>
    /// <exception cref="OperationCanceledException">The caller has given up; a query that was under way was stopped.</exception>
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

    /// <summary>Waits for the reads under way, then closes the connections.</summary>
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

        // Whoever comes now is told by Read.
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
            // Whatever it was, the next read gets a connection that has not seen it.
            session?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            SqliteLog.ReadFailed(logger, exception);
            throw SqliteErrors.Translate(exception);
        }
    }
}
