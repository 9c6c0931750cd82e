namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Writes with one connection. Its thread commits all steps together that were queued during the last commit, so that a sync of the disk
/// serves many callers if there are many. If the writer is idle, a step is committed on its caller's thread: handing it over to another
/// thread and back would take as long as the commit.
/// </summary>
/// <remarks>If the queue is full, callers wait, so that its memory is bounded.</remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MaxQueued = 4096;

    private readonly SqliteConnections _connections;
    private readonly ILogger _logger;
    private readonly SqliteWriteQueue _queue = new();
    private readonly SqliteSweeper _sweeper;
    private readonly SemaphoreSlim _places;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Used by the thread that has the writer's place.
    private readonly List<SqliteWrite> _batch = new(SqliteWriteQueue.MaxBatchCount);
    private SqliteSession? _session;

    /// <summary>Creates the writer, and starts its thread.</summary>
    public SqliteWriter(SqliteConnections connections, ILogger logger, TimeProvider time, int maxQueued = MaxQueued)
    {
        _connections = connections;
        _logger = logger;
        _sweeper = new SqliteSweeper(time);
        _places = new SemaphoreSlim(maxQueued);
        new Thread(Loop) { IsBackground = true, Name = "Sqlite writer" }.Start();
    }

    /// <summary>Runs a step in the next commit.</summary>
    /// <param name="bytes">The approximate number of bytes that the step writes.</param>
    /// <param name="body">Checks the preconditions, and then writes. It can run again if the transaction is rolled back.</param>
    /// <param name="isBrief">Whether the step may run on this thread if the writer is idle. It must leave nothing to sweep.</param>
    /// <returns>A task that completes when the commit is on the disk.</returns>
    /// <exception cref="ChatStoreException">The commit failed, or the store is closed.</exception>
    public Task<T> RunAsync<T>(long bytes, Func<SqliteSession, T> body, bool isBrief = false)
    {
        // The caller awaits the task of the write itself, because each task between them would cost a thread switch.
        var write = new SqliteWrite<T>(bytes, body, _places);
        return !_places.Wait(0) ? AddWhenPlaceAsync(write)
            : isBrief && TryWriteHere(write) ? write.Task
            : Add(write);
    }

    /// <summary>Runs a small step in the next commit, before all other steps, even if the queue is full.</summary>
    /// <exception cref="ChatStoreException">The commit failed, or the store is closed.</exception>
    public Task<T> RunFirstAsync<T>(Func<SqliteSession, T> body) => Add(new SqliteWrite<T>(0, body, places: null), isFirst: true);

    /// <inheritdoc cref="SqliteSweeper.Request" />
    public void RequestSweep() => _sweeper.Request();

    /// <summary>Commits the queued steps, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped.Task.ConfigureAwait(false);
    }

    // Returns false if the writer is busy, or another process writes to the file: a caller must not be blocked for longer than a commit takes.
    private bool TryWriteHere(SqliteWrite write)
    {
        if (!_queue.TryEnter())
        {
            return false;
        }

        try
        {
            if (_session?.TryBeginWrite() is not true)
            {
                return false;
            }

            _batch.Add(write);
            Write(_batch, mayGrow: true, isBegun: true);
            _batch.Clear();
            return true;
        }
        finally
        {
            _queue.Leave();
        }
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
        var isSwept = true;
        while (_queue.Take(_batch, wait: isSwept))
        {
            Write(_batch, mayGrow: true);
            _batch.Clear();
            isSwept = Sweep();
            _queue.Leave();
        }

        Close(checkpoint: true);
        _stopped.SetResult();
    }

    private void Write(List<SqliteWrite> batch, bool mayGrow, bool isBegun = false)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var stage = Stage.Opening;
        try
        {
            _session ??= _connections.OpenWriter();
            if (!isBegun)
            {
                _session.BeginWrite();
            }

            stage = Stage.Running;
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Run(_session);
                if (mayGrow && i == batch.Count - 1)
                {
                    // Steps that were queued during the batch share this commit.
                    _queue.Join(batch);
                }
            }

            stage = Stage.Committing;
            _session.Commit();
        }
        catch (Exception exception)
        {
            // A new connection helps in all cases: a transaction that can't be rolled back, a file that was replaced, a disk that is
            // available again.
            Close(checkpoint: false);
            if (stage is Stage.Running && batch.Count > 1)
            {
                // Nothing was committed. Run the steps one by one, so that only the one that can't be done fails.
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

    /// <summary>Removes a part of what isn't needed anymore. Returns false if there might be more.</summary>
    private bool Sweep()
    {
        try
        {
            return _session is null || _sweeper.Sweep(_session);
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
