namespace GenAI.Chats.Silo.Stopping;

/// <summary>Signals when a stopping silo has handed over everything, and is about to declare itself dead.</summary>
internal sealed class SiloEnd : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // Orleans declares the silo dead one stage above RuntimeInitialize. Stages stop from the highest to the lowest.
    private const int BeforeTheEnd = ServiceLifecycleStage.RuntimeInitialize + 2;

    private readonly CancellationTokenSource _begun = new();

    /// <summary>Canceled at that time.</summary>
    public CancellationToken Begun => _begun.Token;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloEnd), BeforeTheEnd, static _ => Task.CompletedTask, _ => _begun.CancelAsync());

    public void Dispose() => _begun.Dispose();
}
