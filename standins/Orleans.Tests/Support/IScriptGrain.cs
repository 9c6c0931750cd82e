using Orleans.Concurrency;

namespace Orleans.StandIn.Tests;

/// <summary>Runs what a test hands it, on the activation, by methods of each kind.</summary>
internal interface IScriptGrain : IGrainWithStringKey
{
    Task Run(Immutable<Func<ScriptGrain, Task>> action);

    [AlwaysInterleave]
    Task RunInterleaved(Immutable<Func<ScriptGrain, Task>> action);

    [ReadOnly]
    Task RunReadOnly(Immutable<Func<ScriptGrain, Task>> action);

    [OneWay]
    Task RunOneWay(Immutable<Func<ScriptGrain, Task>> action);

    [ResponseTimeout("00:00:05")]
    Task RunWithin5Seconds(Immutable<Func<ScriptGrain, Task>> action);

    Task RunCancelable(Immutable<Func<ScriptGrain, CancellationToken, Task>> action, CancellationToken token);

    ValueTask<ActivationId> Activation();
}

internal sealed class ScriptGrain(Probe probe) : Grain, IScriptGrain
{
    public Probe Probe => probe;

    public Task Run(Immutable<Func<ScriptGrain, Task>> action) => action.Value(this);

    public Task RunInterleaved(Immutable<Func<ScriptGrain, Task>> action) => action.Value(this);

    public Task RunReadOnly(Immutable<Func<ScriptGrain, Task>> action) => action.Value(this);

    public Task RunOneWay(Immutable<Func<ScriptGrain, Task>> action) => action.Value(this);

    public Task RunWithin5Seconds(Immutable<Func<ScriptGrain, Task>> action) => action.Value(this);

    public Task RunCancelable(Immutable<Func<ScriptGrain, CancellationToken, Task>> action, CancellationToken token) =>
        action.Value(this, token);

    public ValueTask<ActivationId> Activation() => new(GrainContext.ActivationId);

    public new void DeactivateOnIdle() => base.DeactivateOnIdle();

    public new void MigrateOnIdle() => base.MigrateOnIdle();

    public new void DelayDeactivation(TimeSpan time) => base.DelayDeactivation(time);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Write("activated");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        probe.Write($"deactivated: {reason.ReasonCode}, token {(cancellationToken.IsCancellationRequested ? "canceled" : "open")}");
        return Task.CompletedTask;
    }
}

internal static class ScriptGrainExtensions
{
    public static Task Run(this IScriptGrain grain, Func<ScriptGrain, Task> action) => grain.Run(action.AsImmutable());

    public static Task RunInterleaved(this IScriptGrain grain, Func<ScriptGrain, Task> action) =>
        grain.RunInterleaved(action.AsImmutable());

    public static Task RunReadOnly(this IScriptGrain grain, Func<ScriptGrain, Task> action) => grain.RunReadOnly(action.AsImmutable());

    public static Task RunOneWay(this IScriptGrain grain, Func<ScriptGrain, Task> action) => grain.RunOneWay(action.AsImmutable());

    public static Task RunWithin5Seconds(this IScriptGrain grain, Func<ScriptGrain, Task> action) =>
        grain.RunWithin5Seconds(action.AsImmutable());

    public static Task RunCancelable(this IScriptGrain grain, Func<ScriptGrain, CancellationToken, Task> action, CancellationToken token) =>
        grain.RunCancelable(action.AsImmutable(), token);
}
