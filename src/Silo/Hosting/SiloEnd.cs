namespace GenAI.Chats.Silo.Hosting;

/// <summary>Knows when a silo that stops has handed over everything, and is about to declare itself dead.</summary>
internal sealed class SiloEnd : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // Orleans does that one stage above RuntimeInitialize, and stops from the highest stage down.
    private const int BeforeTheEnd = ServiceLifecycleStage.RuntimeInitialize + 2;

    private readonly CancellationTokenSource _begun = new();

    /// <summary>Canceled when that is so.</summary>
    public CancellationToken Begun => _begun.Token;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(SiloEnd), BeforeTheEnd, static _ => Task.CompletedTask, _ => _begun.CancelAsync());

    public void Dispose() => _begun.Dispose();
}
