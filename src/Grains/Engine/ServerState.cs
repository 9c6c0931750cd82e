namespace GenAI.Chats.Grains.Engine;

/// <summary>What all chats of a process share: its name as an owner of turns, and whether it is stopping.</summary>
internal sealed class ServerState : IDisposable
{
    private readonly CancellationTokenSource _release = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _idle = Completed();
    private int _running;

    /// <summary>The process, as the owner of the turns that it runs. New with each start: a process that comes back is another one.</summary>
    public string Owner { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>Whether the server is stopping: turns that run may end, none starts.</summary>
    public bool Draining { get; private set; }

    /// <summary>Cancelled when the time to end is over: waits end, and what still runs is released.</summary>
    public CancellationToken Release => _release.Token;

    /// <summary>How many turns run here.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Counts a turn that starts to run here, unless the server is stopping.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (Draining)
            {
                return false;
            }

            if (_running++ == 0)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return true;
        }
    }

    /// <summary>Counts a turn that no longer runs here.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_running == 0)
            {
                _idle.SetResult();
            }
        }
    }

    /// <summary>Lets no more turns start. What it returns completes when none runs.</summary>
    public Task BeginDrain()
    {
        lock (_gate)
        {
            Draining = true;
            return _idle.Task;
        }
    }

    /// <summary>Ends the waits, and has the turns released that still run. What it returns completes when none runs.</summary>
    public async Task ReleaseAllAsync()
    {
        await _release.CancelAsync();
        Task idle;
        lock (_gate)
        {
            idle = _idle.Task;
        }

        await idle;
    }

    /// <inheritdoc/>
    public void Dispose() => _release.Dispose();

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
