namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>A point in a reply where the server waits until the test lets it go on.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a reply has come to the gate: what is before it has been sent.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets every reply through, from now on.</summary>
    public void Open() => _opened.TrySetResult();

    internal Task PassAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return _opened.Task.WaitAsync(cancellationToken);
    }
}
