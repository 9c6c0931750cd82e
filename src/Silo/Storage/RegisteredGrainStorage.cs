using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace GenAI.Chats.Silo.Storage;

/// <summary>
/// The storage provider that the host has registered under a name. It is started here as well as by the silo: the store is used before the silo starts, and
/// after it has stopped.
/// </summary>
internal sealed class RegisteredGrainStorage(IServiceProvider services, string name) : IGrainStorageSource
{
    /// <inheritdoc />
    public async Task<IGrainStorage> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var provider = services.GetKeyedService<IGrainStorage>(name)
                ?? throw new ChatStoreException($"{StorageOptions.Section}:{nameof(StorageOptions.GrainStorageName)} is '{name}'; the host has registered no such storage provider.");
            var start = new ProviderStart();
            (provider as ILifecycleParticipant<ISiloLifecycle>)?.Participate(start);
            await start.RunAsync(cancellationToken);
            return provider;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ChatStoreException))
        {
            throw new ChatStoreException($"The storage provider '{name}' could not be started: {Reason(exception)}", exception);
        }
    }

    // Azure's SDK says first what happened, or with which attempt, and then all that was sent and received.
    private static string Reason(Exception exception)
    {
        var last = exception is AggregateException { InnerExceptions: [.., var inner] } ? inner : exception;
        return $"{last.GetType().Name}: {last.Message.Split('\n')[0].TrimEnd()}";
    }
}
