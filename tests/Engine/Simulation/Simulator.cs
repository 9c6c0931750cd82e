using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>
/// Runs everything on one thread, in an order that a seed chooses: which task runs next, which wait ends, which call of the store fails.
/// </summary>
internal sealed class Simulator(int seed)
{
    private const int FaultsPerThousand = 15;

    private readonly Lock _lock = new();
    private readonly List<(SimulatedScheduler Scheduler, Task Task)> _tasks = [];
    private readonly List<TaskCompletionSource> _waits = [];

    public Random Random { get; } = new(seed);

    /// <summary>Counts what was run: the time of the simulation.</summary>
    public int Steps { get; private set; }

    /// <summary>Whether the store fails now and then.</summary>
    public bool IsFaulty { get; set; } = true;

    public void Add(SimulatedScheduler scheduler, Task task)
    {
        lock (_lock)
        {
            _tasks.Add((scheduler, task));
        }
    }

    /// <summary>Waits until the simulator chooses to go on.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken = default)
    {
        // The continuation goes to the scheduler of whoever waits.
        var wait = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waits.Add(wait);
        using (cancellationToken.Register(() => wait.TrySetCanceled(cancellationToken)))
        {
            await wait.Task;
        }
    }

    /// <summary>A call of the store: takes its time before and after it is done, and fails at either place.</summary>
    public async Task CallStoreAsync(string name, Func<Task> call)
    {
        await PauseAsync();
        Fail(name);
        await call();
        await PauseAsync();
        Fail(name);
    }

    /// <summary>Runs something that can run.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Step()
    {
        Steps++;
        var runnable = Runnable();
        _waits.RemoveAll(w => w.Task.IsCompleted);
        var choice = runnable.Count + _waits.Count > 0 ? Random.Next(runnable.Count + _waits.Count) : -1;
        if (choice < 0)
        {
            return false;
        }

        if (choice < runnable.Count)
        {
            var (scheduler, task) = runnable[choice];
            lock (_lock)
            {
                _tasks.Remove((scheduler, task));
            }

            scheduler.Run(task);
        }
        else
        {
            _waits[choice - runnable.Count].TrySetResult();
        }

        return true;
    }

    private List<(SimulatedScheduler Scheduler, Task Task)> Runnable()
    {
        lock (_lock)
        {
            _tasks.RemoveAll(t => t.Scheduler.Server is { IsDead: true });
            return _tasks.FindAll(t => t.Scheduler.Server is not { IsFrozen: true });
        }
    }

    private void Fail(string name)
    {
        if (IsFaulty && Random.Next(1000) < FaultsPerThousand)
        {
            throw new ChatStoreException($"The simulated store fails in {name}.");
        }
    }
}

/// <summary>Hands its tasks to the simulator. Those of a server that is dead never run; those of a frozen one wait.</summary>
internal sealed class SimulatedScheduler(Simulator simulator, SimulatedServer? server) : TaskScheduler
{
    public SimulatedServer? Server { get; } = server;

    public void Run(Task task)
    {
        // Tasks go on where their scheduler is, and not where the test runner has its own.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        TryExecuteTask(task);
        SynchronizationContext.SetSynchronizationContext(context);
    }

    public void Post(Func<Task> action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, this);

    protected override void QueueTask(Task task) => simulator.Add(this, task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
