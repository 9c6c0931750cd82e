using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// The one thread that writes. It commits together what has queued up while the last commit was under way, so that a sync of the disk
/// serves many callers when there are many, and one at once when there is one.
/// </summary>
/// <remarks>Under overload callers wait for a place in the queue, so that its memory is bounded.</remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxQueued = 4096;

    private readonly SqliteConnections _connections;
    private readonly ILogger _logger;
    private readonly SqliteWriteQueue _queue = new();
    private readonly SemaphoreSlim _places;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteSession? _session;

    /// <summary>Starts the thread.</summary>
    public SqliteWriter(SqliteConnections connections, ILogger logger, int maxQueued = MaxQueued)
    {
        _connections = connections;
        _logger = logger;
        _places = new SemaphoreSlim(maxQueued);
        new Thread(Loop) { IsBackground = true, Name = "Sqlite writer" }.Start();
    }

    /// <summary>Runs a step in the next commit.</summary>
    /// <param name="bytes">About how much it writes.</param>
    /// <param name="body">Checks the step's preconditions and then does it. May run again when the transaction was taken back.</param>
    /// <returns>Completes when the commit is on the disk.</returns>
    /// <exception cref="ChatStoreException">The commit failed, or the store is closed.</exception>
    public Task<T> RunAsync<T>(long bytes, Func<SqliteSession, T> body)
    {
        // The caller waits for the write itself: each task between them would cost a change of threads.
        var write = new SqliteWrite<T>(bytes, body, _places);
        return _places.Wait(0) ? Add(write) : AddWhenPlaceAsync(write);
    }

    /// <summary>Runs a small step in the next commit, before all that wait and whether or not there is a place.</summary>
    /// <exception cref="ChatStoreException">The commit failed, or the store is closed.</exception>
    public Task<T> RunFirstAsync<T>(Func<SqliteSession, T> body) => Add(new SqliteWrite<T>(0, body, places: null), isFirst: true);

    /// <summary>Commits what has queued up, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped.Task.ConfigureAwait(false);
    }

    private Task<T> Add<T>(SqliteWrite<T> write, bool isFirst = false)
    {
        if (_queue.TryAdd(write, isFirst))
        {
            return write.Task;
        }

        write.Fail(new ChatStoreException("The store is closed."));
        return write.Task;
    }

    private async Task<T> AddWhenPlaceAsync<T>(SqliteWrite<T> write)
    {
        await _places.WaitAsync().ConfigureAwait(false);
        return await Add(write).ConfigureAwait(false);
    }

    private void Loop()
    {
        var batch = new List<SqliteWrite>(SqliteWriteQueue.MaxBatchCount);
        var isSwept = true;
        while (_queue.Take(batch, wait: isSwept))
        {
            Write(batch, mayGrow: true);
            batch.Clear();
            isSwept = SweepDeleted();
        }

        Close(checkpoint: true);
        _stopped.SetResult();
    }

    private void Write(List<SqliteWrite> batch, bool mayGrow)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var stage = Stage.Opening;
        try
        {
            _session ??= _connections.OpenWriter();
            _session.BeginWrite();
            stage = Stage.Running;
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Run(_session);
                if (mayGrow && i == batch.Count - 1)
                {
                    // Those that came meanwhile share this commit too, rather than wait for it.
                    _queue.Take(batch, wait: false);
                }
            }

            stage = Stage.Committing;
            _session.Commit();
        }
        catch (Exception exception)
        {
            // A new connection is the one cure for all: a transaction that cannot be taken back, a file that was replaced, a disk that came
            // back.
            Close(checkpoint: false);
            if (stage is Stage.Running && batch.Count > 1)
            {
                // Nothing was committed. One by one, so that a step that cannot be done does not take the others with it.
                batch.ForEach(write => Write([write], mayGrow: false));
                return;
            }

            SqliteLog.WriteFailed(_logger, batch.Count, exception);
            batch.ForEach(write => write.Fail(SqliteErrors.Translate(exception)));
            return;
        }

        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    /// <summary>Removes a bounded piece of what deleted chats left behind. Returns false when there may be more.</summary>
    private bool SweepDeleted()
    {
        try
        {
            if (_session is null || !DeletedChats.Any(_session))
            {
                return true;
            }

            _session.BeginWrite();
            DeletedChats.Sweep(_session);
            _session.Commit();
            return false;
        }
        catch (Exception exception)
        {
            Close(checkpoint: false);
            SqliteLog.SweepFailed(_logger, exception);
            return true;
        }
    }

    private void Close(bool checkpoint)
    {
        try
        {
            if (checkpoint)
            {
                _session?.Run("PRAGMA wal_checkpoint(TRUNCATE)");
            }

            _session?.Dispose();
        }
        catch (Exception exception)
        {
            SqliteLog.CloseFailed(_logger, exception);
        }

        _session = null;
    }

    private enum Stage
    {
        Opening,
        Running,
        Committing,
    }
}
