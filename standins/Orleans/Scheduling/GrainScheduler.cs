using System.Diagnostics;

namespace Orleans.Runtime;

/// <summary>
/// Runs the work of one activation on pool threads, one piece at a time. Code that awaits comes back here, as this is its
/// <see cref="TaskScheduler.Current"/>.
/// </summary>
internal sealed class GrainScheduler(Activation activation) : TaskScheduler, IWorkItemScheduler, IThreadPoolWorkItem
{
    /// <summary>After this long a busy activation goes to the end of the pool's queue, so that others get their turn.</summary>
    private static readonly long Quantum = Stopwatch.Frequency / 10;

    private readonly Lock _lock = new();
    private readonly Queue<Task> _tasks = new();
    private bool _running;

    public override int MaximumConcurrencyLevel => 1;

    public void QueueAction(Action action) => new Task(action).Start(this);

    public void QueueAction(Action<object> action, object state) => new Task(action!, state).Start(this);

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    /// <summary>Queues work without the ambient values of whoever queues it.</summary>
    public void QueueDetached(Action<object?> action, object state)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            new Task(action, state).Start(this);
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            new Task(action, state).Start(this);
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _tasks.Enqueue(task);
            if (_running)
            {
                return;
            }

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var before = RuntimeContext.Exchange(activation);
        try
        {
            var end = Stopwatch.GetTimestamp() + Quantum;
            while (TryDequeue(out var task))
            {
                TryExecuteTask(task);
                if (Stopwatch.GetTimestamp() > end)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
        finally
        {
            RuntimeContext.Exchange(before);
        }
    }

    private bool TryDequeue(out Task task)
    {
        lock (_lock)
        {
            _running = _tasks.TryDequeue(out task!);
            return _running;
        }
    }

    // Only a thread that is already at work for this activation may run a task at once: any other would be a second one.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && RuntimeContext.Current == activation && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return _tasks.ToArray();
        }
    }
}
