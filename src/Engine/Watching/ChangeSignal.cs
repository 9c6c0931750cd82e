namespace GenAI.Chats.Engine.Watching;

/// <summary>Tells that something may have changed. Its callers share a scheduler: it isn't thread-safe.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource? _next;

    /// <summary>Gets a task that completes when the signal is raised next.</summary>
    public Task Next => (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Raises the signal.</summary>
    public void Raise()
    {
        var raised = _next;
        _next = null;
        raised?.SetResult();
    }
}
