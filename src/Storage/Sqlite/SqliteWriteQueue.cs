namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// The queue of steps for the writer's thread. Callers add steps without blocking. The thread takes batches, in order, each for one commit.
/// </summary>
internal sealed class SqliteWriteQueue
{
    /// <summary>The maximum number of steps in a batch, so that a commit doesn't take long.</summary>
    public const int MaxBatchCount = 256;

    /// <summary>The size after which a batch gets no further step.</summary>
    public const long MaxBatchBytes = 8 << 20;

    private readonly Queue<SqliteWrite> _waiting = new();
    private readonly Queue<SqliteWrite> _first = new();
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
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    /// <summary>Closes the queue for new steps. The thread still takes those in the queue.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _isClosed = true;
            Monitor.Pulse(_waiting);
        }
    }

    /// <summary>Takes steps, up to the size of a batch.</summary>
    /// <param name="batch">The batch to which the steps are added.</param>
    /// <param name="wait">Whether to block until there is a step.</param>
    /// <returns>False if the queue is closed and empty.</returns>
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
