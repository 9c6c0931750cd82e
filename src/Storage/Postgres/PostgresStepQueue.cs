namespace GenAI.Chats.Storage.Postgres;

/// <summary>The queue of steps for a number of writers. It holds back a step while another step of its chat runs.</summary>
/// <param name="writers">The writers.</param>
internal sealed class PostgresStepQueue(IEnumerable<PostgresWriter.Writer> writers)
{
    /// <summary>The maximum number of steps in a batch, so that a commit doesn't take long.</summary>
    public const int MaxBatchCount = 128;

    /// <summary>The size after which a batch gets no further step.</summary>
    public const long MaxBatchBytes = 4 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<PostgresWrite> _ready = new();

    // The chats that have a running step, and the steps that wait for it.
    private readonly Dictionary<ChatKey, Queue<PostgresWrite>?> _chats = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<PostgresWriter.Writer> _idle = new(writers);
    private bool _isClosed;

    /// <summary>Adds a step. Returns false if the queue is closed.</summary>
    /// <param name="write">The step.</param>
    /// <param name="isNext">Whether no other step of the chat runs, so that this one can start.</param>
    public bool TryAdd(PostgresWrite write, out bool isNext)
    {
        lock (_lock)
        {
            isNext = !_isClosed && _chats.TryAdd(write.Step.Key, null);
            if (!isNext && !_isClosed)
            {
                var waiting = _chats[write.Step.Key] ?? new Queue<PostgresWrite>();
                waiting.Enqueue(write);
                _chats[write.Step.Key] = waiting;
            }

            return !_isClosed;
        }
    }

    /// <summary>Makes a step available to the writers. Returns an idle writer that must start, if there is one.</summary>
    public PostgresWriter.Writer? MakeReady(PostgresWrite write)
    {
        lock (_lock)
        {
            _ready.Enqueue(write);
            return _idle.TryPop(out var writer) ? writer : null;
        }
    }

    /// <summary>Takes steps of different chats for a commit. Without steps, the writer becomes idle.</summary>
    public List<PostgresWrite> Take(PostgresWriter.Writer writer)
    {
        lock (_lock)
        {
            var batch = new List<PostgresWrite>(Math.Min(_ready.Count, MaxBatchCount));
            for (var bytes = 0L; batch.Count < MaxBatchCount && bytes < MaxBatchBytes && _ready.TryDequeue(out var write); bytes += write.Step.Bytes)
            {
                batch.Add(write);
            }

            if (batch.Count == 0)
            {
                _idle.Push(writer);
            }

            return batch;
        }
    }

    /// <summary>Takes all steps that are available to the writers.</summary>
    public IReadOnlyList<PostgresWrite> TakeAll()
    {
        lock (_lock)
        {
            PostgresWrite[] all = [.. _ready];
            _ready.Clear();
            return all;
        }
    }

    /// <summary>Removes a step that has ended. Returns the next step of its chat.</summary>
    public PostgresWrite? Leave(PostgresWrite write)
    {
        lock (_lock)
        {
            if (_chats[write.Step.Key] is { } waiting && waiting.TryDequeue(out var next))
            {
                return next;
            }

            _chats.Remove(write.Step.Key);
            if (_isClosed && _chats.Count == 0)
            {
                _empty.TrySetResult();
            }

            return null;
        }
    }

    /// <summary>Closes the queue for new steps, and waits for those in it.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_chats.Count == 0)
            {
                _empty.TrySetResult();
            }

            return _empty.Task;
        }
    }
}

/// <summary>A step and its waiting caller.</summary>
internal sealed class PostgresWrite(SerializedStep step)
{
    // The caller must not continue on the writer's thread.
    private readonly TaskCompletionSource<StepResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SerializedStep Step { get; } = step;

    public Task<StepResult> Task => _completion.Task;

    /// <summary>Completes the caller's task.</summary>
    public void Complete(StepResult result) => _completion.SetResult(result);

    /// <summary>Fails the caller's task.</summary>
    public void Fail(Exception exception) => _completion.SetException(exception);
}
