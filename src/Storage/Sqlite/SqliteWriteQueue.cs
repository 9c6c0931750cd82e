namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Steps on their way to the writer's thread: callers add without blocking, the one thread takes them in order, as many as one commit may
/// have.
/// </summary>
internal sealed class SqliteWriteQueue
{
    /// <summary>A commit is to be short, for those who wait for it and for the next.</summary>
    public const int MaxBatchCount = 256;

    /// <summary>No further step once a batch has so many bytes.</summary>
    public const long MaxBatchBytes = 8 << 20;

    private readonly Queue<SqliteWrite> _waiting = new();
    private readonly Queue<SqliteWrite> _first = new();
    private bool _isClosed;

    /// <summary>Adds a step; false when the queue is closed.</summary>
    /// <param name="write">The step.</param>
    /// <param name="isFirst">Whether it comes before all that wait.</param>
    public bool TryAdd(SqliteWrite write, bool isFirst = false)
    {
        lock (_waiting)
        {
            if (_isClosed)
            {
                return false;
            }

            (isFirst ? _first : _waiting).Enqueue(write);
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    /// <summary>No further steps; those that wait are still taken.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _isClosed = true;
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Takes what waits, as far as one commit may have it.</summary>
    /// <param name="batch">Gets the steps, behind those that it has.</param>
    /// <param name="wait">Whether to block until there is one.</param>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<SqliteWrite> batch, bool wait)
    {
        lock (_waiting)
        {
            while (wait && _first.Count + _waiting.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_waiting);
            }

            var bytes = batch.Sum(static write => write.Bytes);
            while (batch.Count < MaxBatchCount && bytes < MaxBatchBytes && (_first.TryDequeue(out var write) || _waiting.TryDequeue(out write)))
            {
                bytes += write.Bytes;
                batch.Add(write);
            }

            return batch.Count > 0 || !_isClosed;
        }
    }
}
