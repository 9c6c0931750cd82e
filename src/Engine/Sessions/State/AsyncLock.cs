namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>A lock that async methods wait for, first come, first served. Its callers share a scheduler: it isn't thread-safe.</summary>
internal sealed class AsyncLock
{
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _held;

    /// <summary>Gets a signal that is raised when the lock is released.</summary>
    public ChangeSignal Released { get; } = new();

    /// <summary>Waits for the lock. Dispose the returned holder to release it.</summary>
    public async ValueTask<Holder> EnterAsync()
    {
        if (_held)
        {
            // Handed over by the one before: the lock is never free in between.
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            await turn.Task;
        }

        _held = true;
        return new Holder(this);
    }

    private void Leave()
    {
        Released.Raise();
        if (_waiting.TryDequeue(out var next))
        {
            next.SetResult();
        }
        else
        {
            _held = false;
        }
    }

    /// <summary>Holds the lock.</summary>
    internal readonly struct Holder(AsyncLock owner) : IDisposable
    {
        public void Dispose() => owner.Leave();
    }
}
