using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

// From the first request to the last.
internal sealed partial class Activation
{
    /// <summary>What fails to activate stays for this long, so that callers who try again at once do not do so in a flood.</summary>
    private static readonly TimeSpan FailedActivationDelay = TimeSpan.FromSeconds(5);

    private CancellationTokenSource? _activation;
    private PendingDeactivation? _pendingDeactivation;
    private DeactivationReason _reason;
    private bool _finishing;
    private TimeSpan _delayBeforeEnd;

    /// <summary>Creates and activates the grain on its own scheduler.</summary>
    public void Start() => Scheduler.QueueDetached(static activation => _ = ((Activation)activation!).ActivateAsync(), this);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_state is ActivationState.Deactivating or ActivationState.Invalid)
            {
                return;
            }

            // The time runs from here on, and not from when the running requests have ended: after a long one
            // OnDeactivateAsync gets a token that is canceled already.
            var timeout = new CancellationTokenSource(_silo.Collection.DeactivationTimeout, _silo.CollectionClock);
            _reason = deactivationReason;
            _pendingDeactivation = new(_state, timeout, CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken));
            _state = ActivationState.Deactivating;
            QueuePump();
        }

        // An activation that is still going on is called off, where its source is not disposed at the same time.
        Scheduler.QueueDetached(static activation => ((Activation)activation!)._activation?.Cancel(), this);
    }

    public void OnFailed(Exception exception)
    {
        // The first activation that lets it out is the one whose state is stale; its callers, up the chain, are not.
        if (exception is InconsistentStateException { IsSourceActivation: true } inconsistent)
        {
            inconsistent.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, $"Inconsistent state: {exception.Message}"));
        }
    }

    private async Task ActivateAsync()
    {
        using var timeout = new CancellationTokenSource(_silo.Collection.ActivationTimeout, _silo.CollectionClock);
        lock (_lock)
        {
            if (_state != ActivationState.Creating)
            {
                return;
            }

            _state = ActivationState.Activating;
            _activation = timeout;
            _running++;
        }

        var token = timeout.Token;
        try
        {
            CreateInstance();
            if (_lifecycle is not null)
            {
                await _lifecycle.StartAsync(token).WaitAsync(token);
            }

            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnActivateAsync(token).WaitAsync(token);
            }

            SetValid();
        }
        catch (Exception exception)
        {
            RuntimeLog.ActivationFailed(_logger, exception, GrainId);
            _delayBeforeEnd = token.IsCancellationRequested ? TimeSpan.Zero : FailedActivationDelay;
            Deactivate(new(DeactivationReasonCode.ActivationFailed, exception, "Failed to activate grain."));
        }

        lock (_lock)
        {
            _activation = null;
            _running--;
            QueuePump();
        }
    }

    private void SetValid()
    {
        lock (_lock)
        {
            if (_state == ActivationState.Activating)
            {
                _state = ActivationState.Valid;
            }
        }
    }

    private void CreateInstance()
    {
        var scope = _silo.Services.CreateAsyncScope();
        _scope = scope;
        scope.ServiceProvider.GetRequiredService<GrainContextHolder>().Context = this;
        GrainInstance = _class.Create(this, scope.ServiceProvider);
        if (GrainInstance is ILifecycleParticipant<IGrainLifecycle> participant)
        {
            participant.Participate(ObservableLifecycle);
        }
    }

    // No request runs beside OnDeactivateAsync; work in the background may.
    private void BeginDeactivationIfDue()
    {
        PendingDeactivation pending;
        lock (_lock)
        {
            if (_pendingDeactivation is null || _running > 0 || _finishing)
            {
                return;
            }

            pending = _pendingDeactivation;
            _finishing = true;
        }

        _ = FinishAsync(pending);
    }

    private async Task FinishAsync(PendingDeactivation pending)
    {
        var token = pending.Linked.Token;
        if (_delayBeforeEnd > TimeSpan.Zero)
        {
            var delay = Task.Delay(_delayBeforeEnd, _silo.GrainClock, _silo.Stopping);
            await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        DisposeTimers();
        if (pending.Before == ActivationState.Valid && GrainInstance is IGrainBase grain)
        {
            await TryAsync(() => grain.OnDeactivateAsync(_reason, token).WaitAsync(token), nameof(IGrainBase.OnDeactivateAsync));
        }

        if (_lifecycle is not null)
        {
            await TryAsync(() => _lifecycle.StopAsync(token).WaitAsync(token), "the stop of its life cycle");
        }

        lock (_lock)
        {
            _state = ActivationState.Invalid;
            _pendingDeactivation = null;
        }

        _silo.Catalog.Remove(this);
        await TryAsync(DisposeInstanceAsync, "its disposal");
        pending.Dispose();
        foreach (var request in TakeWaiting())
        {
            PassOn(request);
        }

        _deactivated.TrySetResult();
    }

    private void PassOn(Request request)
    {
        if (request.IsLocalOnly || request.MustNotRun)
        {
            return;
        }

        if (_reason.Exception is { } exception)
        {
            request.Reject(exception);
        }
        else
        {
            _silo.Catalog.Forward(request, _reason);
        }
    }

    private async Task TryAsync(Func<Task> action, string what)
    {
        try
        {
            await action();
        }
        catch (Exception exception)
        {
            RuntimeLog.DeactivationFailed(_logger, exception, what, GrainId);
        }
    }

    private async Task DisposeInstanceAsync()
    {
        if (GrainInstance is IAsyncDisposable asyncDisposable)
        {
            await asyncDisposable.DisposeAsync();
        }
        else if (GrainInstance is IDisposable disposable)
        {
            disposable.Dispose();
        }

        if (_scope is { } scope)
        {
            await scope.DisposeAsync();
        }
    }

    private sealed record PendingDeactivation(ActivationState Before, CancellationTokenSource Timeout, CancellationTokenSource Linked)
        : IDisposable
    {
        public void Dispose()
        {
            Linked.Dispose();
            Timeout.Dispose();
        }
    }
}
