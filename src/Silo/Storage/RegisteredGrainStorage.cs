using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace GenAI.Chats.Silo.Storage;

/// <summary>
/// The storage provider that the host has registered under a name. It's started here, in addition to the silo, because the store is used before the silo starts
/// and after it has stopped.
/// </summary>
internal sealed class RegisteredGrainStorage(IServiceProvider services, string name) : IGrainStorageSource
{
    /// <inheritdoc />
    public async Task<IGrainStorage> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var provider = services.GetKeyedService<IGrainStorage>(name)
                ?? throw new ChatStoreException(SettingsCheck.Describe(
                    $"{StorageOptions.SectionName}:{nameof(StorageOptions.GrainStorageName)}", name, "the name of a grain storage provider that the host registered"));
            var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
            (provider as ILifecycleParticipant<ISiloLifecycle>)?.Participate(lifecycle);
            await lifecycle.OnStart(cancellationToken);
            return provider;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ChatStoreException))
        {
            throw new ChatStoreException($"Can't start the storage provider '{name}': {Reason(exception)}", exception);
        }
    }

    // The first line of messages of Azure's SDK has the error. The others have the request and the response.
    private static string Reason(Exception exception)
    {
        var last = exception is AggregateException { InnerExceptions: [.., var inner] } ? inner : exception;
        return $"{last.GetType().Name}: {last.Message.Split('\n')[0].TrimEnd()}";
    }
}
