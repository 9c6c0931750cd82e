namespace Orleans.Runtime;

/// <summary>Runs the subscribed observers stage by stage: up at a start, down again, from where the start came to, at a stop.</summary>
internal sealed class LifecycleSubject : ISiloLifecycle, IGrainLifecycle
{
    private readonly List<Subscription> _subscriptions = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var subscription = new Subscription(this, stage, observer);
        lock (_subscriptions)
        {
            _subscriptions.Add(subscription);
        }

        return subscription;
    }

    public async Task StartAsync(CancellationToken token)
    {
        foreach (var stage in Stages().OrderBy(stage => stage.Key))
        {
            token.ThrowIfCancellationRequested();
            await Task.WhenAll(stage.Select(subscription => subscription.StartAsync(token)));
            HighestCompletedStage = stage.Key;
        }
    }

    /// <summary>Stops what was started. An observer that fails does not keep the others from being stopped.</summary>
    public async Task StopAsync(CancellationToken token)
    {
        List<Exception>? failures = null;
        foreach (var stage in Stages().OrderByDescending(stage => stage.Key))
        {
            try
            {
                await Task.WhenAll(stage.Select(subscription => subscription.StopAsync(token)));
            }
            catch (Exception exception)
            {
                (failures ??= []).Add(exception);
            }

            LowestStoppedStage = stage.Key;
        }

        if (failures is not null)
        {
            throw new AggregateException(failures);
        }
    }

    private IGrouping<int, Subscription>[] Stages()
    {
        lock (_subscriptions)
        {
            return [.. _subscriptions.GroupBy(subscription => subscription.Stage)];
        }
    }

    private sealed class Subscription(LifecycleSubject owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        private bool _started;

        public int Stage { get; } = stage;

        public async Task StartAsync(CancellationToken token)
        {
            _started = true;
            await observer.OnStart(token);
        }

        public Task StopAsync(CancellationToken token) => _started ? observer.OnStop(token) : Task.CompletedTask;

        public void Dispose()
        {
            lock (owner._subscriptions)
            {
                owner._subscriptions.Remove(this);
            }
        }
    }
}
