using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

internal static class PersistentStateFactory
{
    /// <summary>Makes the record that a constructor's parameter asks for, to be read in the set-up of the grain's state.</summary>
    public static object Create(ParameterInfo parameter, Activation activation, IServiceProvider services)
    {
        var attribute = parameter.GetCustomAttribute<PersistentStateAttribute>()!;
        var storage = attribute.StorageName is { } name
            ? services.GetKeyedService<IGrainStorage>(name)
            : services.GetService<IGrainStorage>() ?? services.GetKeyedService<IGrainStorage>("Default");
        if (storage is null)
        {
            throw new OrleansException(
                $"No storage provider '{attribute.StorageName ?? "Default"}' for state '{attribute.StateName}' of {activation.GrainId}.");
        }

        var type = typeof(PersistentState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments()[0]);
        return Activator.CreateInstance(type, attribute.StateName, activation, storage)!;
    }
}

internal sealed class PersistentState<TState> : IPersistentState<TState>
{
    private readonly string _name;
    private readonly GrainId _grainId;
    private readonly IGrainStorage _storage;
    private readonly GrainState<TState> _state = new(EmptyState.Create<TState>());

    public PersistentState(string name, Activation activation, IGrainStorage storage)
    {
        _name = name;
        _grainId = activation.GrainId;
        _storage = storage;
        activation.ObservableLifecycle.Subscribe(typeof(PersistentState<TState>).FullName!, GrainLifecycleStage.SetupState, ReadStateAsync);
    }

    public TState State
    {
        get => _state.State;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task ReadStateAsync() => ReadStateAsync(default);

    public Task WriteStateAsync() => WriteStateAsync(default);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public Task ReadStateAsync(CancellationToken cancellationToken) =>
        Run("read", () => _storage.ReadStateAsync(_name, _grainId, _state, cancellationToken));

    public Task WriteStateAsync(CancellationToken cancellationToken) =>
        Run("write", () => _storage.WriteStateAsync(_name, _grainId, _state, cancellationToken));

    public Task ClearStateAsync(CancellationToken cancellationToken) =>
        Run("clear", () => _storage.ClearStateAsync(_name, _grainId, _state, cancellationToken));

    private async Task Run(string what, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception) when (exception is not OrleansException and not OperationCanceledException)
        {
            throw new OrleansException($"Storage could not {what} state '{_name}' of {_grainId}: {exception.Message}", exception);
        }
    }
}
