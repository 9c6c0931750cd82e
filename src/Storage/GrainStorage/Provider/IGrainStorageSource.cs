using Orleans.Storage;

namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>The source of the Orleans storage provider that stores the chats.</summary>
public interface IGrainStorageSource
{
    /// <summary>Starts the provider, before the silo starts. Called once.</summary>
    Task<IGrainStorage> StartAsync(CancellationToken cancellationToken);
}
