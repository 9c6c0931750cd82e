namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// The queue of steps for the writer's thread. Callers add steps without blocking. The thread takes batches, in order, each for one commit.
/// While no step waits and none is committed, a caller can take the writer's place.
/// </summary>
internal sealed class SqliteWriteQueue
{
    /// <summary>The maximum number of steps in a batch, so that a commit doesn't take long.</summary>
    public const int MaxBatchCount = 256;

    /// <summary>The size after which a batch gets no further step.</summary>
    public const long MaxBatchBytes = 8 << 20;

    private readonly Queue<SqliteWrite> _waiting = new();
    private readonly Queue<SqliteWrite> _first = new();
    private bool _isBusy;
    private bool _isThreadDue;
    private bool _isClosed;

    /// <summary>Adds a step. Returns false if the queue is closed.</summary>
    /// <param name="write">The step.</param>
    /// <param name="isFirst">Whether the step comes before all other steps.</param>
    public bool TryAdd(SqliteWrite write, bool isFirst = false)
    {
        lock (_waiting)
        {
            if (_isClosed)
            {
                return false;
            }

            (isFirst ? _first : _waiting).Enqueue(write);
            Wake();
            return true;
        }
    }

    /// <summary>Takes the writer's place, unless the writer is busy or the queue is closed. <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        lock (_waiting)
        {
            return !_isBusy && !_isClosed && _first.Count + _waiting.Count == 0 && (_isBusy = true);
        }
    }

    /// <summary>Gives the writer's place back.</summary>
    public void Leave()
    {
        lock (_waiting)
        {
            _isBusy = false;
            if (_isThreadDue || _isClosed || _first.Count + _waiting.Count > 0)
            {
                Wake();
            }
        }
    }

    /// <summary>Closes the queue for new steps. The thread still takes those in the queue.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _isClosed = true;
            Wake();
        }
    }

    /// <summary>Takes the writer's place, and a batch of steps. <see cref="Leave"/> must follow.</summary>
    /// <param name="batch">The batch to which the steps are added.</param>
    /// <param name="wait">Whether to block until there is a step.</param>
    /// <returns>False if the queue is closed and empty.</returns>
    public bool Take(List<SqliteWrite> batch, bool wait)
    {
        lock (_waiting)
        {
            _isThreadDue = !wait;
            while (_isBusy || (wait && _first.Count + _waiting.Count == 0 && !_isClosed))
            {
                Monitor.Wait(_waiting);
            }

            (_isBusy, _isThreadDue) = (true, false);
            Fill(batch);
            return batch.Count > 0 || !_isClosed;
        }
    }

    /// <summary>Adds waiting steps to a batch, up to its size.</summary>
    public void Join(List<SqliteWrite> batch)
    {
        lock (_waiting)
        {
            Fill(batch);
        }
    }

    // While a caller has the writer's place, the thread isn't woken.
    private void Wake()
    {
        if (!_isBusy)
        {
            Monitor.Pulse(_waiting);
        }
    }

    private void Fill(List<SqliteWrite> batch)
    {
        long bytes = 0;
        foreach (var write in batch)
        {
            bytes += write.Bytes;
        }

        while (batch.Count < MaxBatchCount && bytes < MaxBatchBytes && (_first.TryDequeue(out var write) || _waiting.TryDequeue(out write)))
        {
            bytes += write.Bytes;
            batch.Add(write);
        }
    }
}
