using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Starts and stops the silo with its host, and looks for idle activations in between.</summary>
internal sealed class SiloHostedService(SiloRuntime silo, IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants)
    : IHostedService, IDisposable
{
    private readonly LifecycleSubject _lifecycle = new();
    private ITimer? _collector;
    private int _collecting;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var participant in participants)
        {
            participant.Participate(_lifecycle);
        }

        // What takes part after this stage, at Active, calls grains already; at a stop it ends before they do.
        _lifecycle.Subscribe("Silo", ServiceLifecycleStage.BecomeActive, BecomeActiveAsync, silo.DeactivateAllAsync);
        await _lifecycle.StartAsync(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lifecycle.StopAsync(cancellationToken);
        }
        finally
        {
            _collector?.Dispose();
            silo.Stop();
        }
    }

    public void Dispose() => _collector?.Dispose();

    private Task BecomeActiveAsync(CancellationToken token)
    {
        silo.BecomeActive();
        var quantum = silo.Collection.CollectionQuantum;
        _collector = silo.CollectionClock.CreateTimer(
            static service => _ = ((SiloHostedService)service!).CollectAsync(), this, quantum, quantum);
        return Task.CompletedTask;
    }

    private async Task CollectAsync()
    {
        if (Interlocked.Exchange(ref _collecting, 1) != 0)
        {
            return;
        }

        try
        {
            await silo.Catalog.CollectDueAsync();
        }
        finally
        {
            Volatile.Write(ref _collecting, 0);
        }
    }
}
