using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>The activations of the silo: at most one of each grain.</summary>
internal sealed class Catalog(SiloRuntime silo)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();

    public int Count => _activations.Count;

    public bool TryGet(GrainId grainId, [NotNullWhen(true)] out Activation? activation) =>
        _activations.TryGetValue(grainId, out activation);

    /// <summary>Hands the request to the grain's activation, which is created if there is none.</summary>
    public void Dispatch(Request request)
    {
        while (true)
        {
            if (silo.IsStopped)
            {
                request.Reject(silo.Unavailable());
                return;
            }

            if (!_activations.TryGetValue(request.Target, out var activation))
            {
                if (silo.Status != SiloStatus.Active)
                {
                    request.Reject(silo.Unavailable());
                    return;
                }

                activation = GetOrStart(request.Target);
            }

            if (activation.Receive(request))
            {
                return;
            }

            Remove(activation);
        }
    }

    /// <summary>Sends a request on that an ended activation did not start.</summary>
    public void Forward(Request request, DeactivationReason reason)
    {
        if (++request.ForwardCount > silo.MaxForwardCount)
        {
            request.Reject(new OrleansMessageRejectionException(
                $"Forwarding failed: the request to {request.Target} met {request.ForwardCount} activations that ended. {reason}"));
            return;
        }

        Dispatch(request);
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Ends the activations that have been idle for the age and waits for it.</summary>
    public Task CollectAsync(TimeSpan age)
    {
        var now = silo.CollectionClock.GetUtcNow();
        return DeactivateAsync([.. _activations.Values.Where(activation => activation.MayBeCollected(age, now))]);
    }

    /// <summary>Ends the activations whose class's age has come.</summary>
    public Task CollectDueAsync()
    {
        var now = silo.CollectionClock.GetUtcNow();
        return DeactivateAsync([.. _activations.Values.Where(activation => activation.IsDueForCollection(now))]);
    }

    public async Task DeactivateAllAsync(CancellationToken token)
    {
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating.");
        while (!_activations.IsEmpty)
        {
            Activation[] activations = [.. _activations.Values];
            foreach (var activation in activations)
            {
                activation.Deactivate(reason, token);
            }

            await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(token);
        }
    }

    private Activation GetOrStart(GrainId grainId)
    {
        var created = new Activation(silo, silo.Classes.Get(grainId.Type), grainId);
        var activation = _activations.GetOrAdd(grainId, created);
        if (ReferenceEquals(activation, created))
        {
            created.Start();
        }

        return activation;
    }

    private Task DeactivateAsync(Activation[] activations)
    {
        if (activations.Length == 0)
        {
            return Task.CompletedTask;
        }

        RuntimeLog.Collected(silo.Logger, activations.Length);
        var reason = new DeactivationReason(DeactivationReasonCode.ActivationIdle, "This activation has become idle.");
        foreach (var activation in activations)
        {
            activation.Deactivate(reason);
        }

        return Task.WhenAll(activations.Select(activation => activation.Deactivated));
    }
}
