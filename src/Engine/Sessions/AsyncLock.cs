namespace GenAI.Chats.Engine.Sessions;

/// <summary>Lets one writer pass at a time, first come, first served. For callers that share a scheduler: it is not safe on several threads at once.</summary>
internal sealed class AsyncLock
{
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _held;

    /// <summary>Waits for the turn to write. Dispose what it returns to let the next one in.</summary>
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
        if (_waiting.TryDequeue(out var next))
        {
            next.SetResult();
        }
        else
        {
            _held = false;
        }
    }

    /// <summary>The right to write.</summary>
    internal readonly struct Holder(AsyncLock owner) : IDisposable
    {
        public void Dispose() => owner.Leave();
    }
}
