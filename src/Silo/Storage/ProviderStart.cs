namespace GenAI.Chats.Silo.Storage;

/// <summary>The part of a silo's life in which storage providers start, without a silo.</summary>
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

    /// <summary>Runs what was subscribed, stage by stage.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var (stage, observer) in _observers.OrderBy(subscribed => subscribed.Stage))
        {
            await observer.OnStart(cancellationToken);
            HighestCompletedStage = stage;
        }
    }

    // Nobody leaves before the start.
    private sealed class Subscription : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
