namespace GenAI.Chats.Silo.Storage;

/// <summary>Starts a storage provider without a silo, as a silo's lifecycle would.</summary>
internal sealed class ProviderStart : ISiloLifecycle
{
    private readonly List<(int Stage, ILifecycleObserver Observer)> _observers = [];

    /// <inheritdoc />
    public int HighestCompletedStage { get; private set; } = int.MinValue;

    /// <inheritdoc />
    public int LowestStoppedStage => int.MaxValue;

    /// <inheritdoc />
    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        _observers.Add((stage, observer));
        return new Subscription();
    }

    /// <summary>Starts the observers in the order of their stages.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (stage, observer) in _observers.OrderBy(subscribed => subscribed.Stage))
        {
            await observer.OnStart(cancellationToken);
            HighestCompletedStage = stage;
        }
    }

    // Observers don't unsubscribe before the start.
    private sealed class Subscription : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
