using Orleans.Storage;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Where the provider comes from that chats are stored with.</summary>
internal interface IGrainStorageSource
{
    /// <summary>Makes the provider ready for use, before the silo starts. Called once.</summary>
    Task<IGrainStorage> StartAsync(CancellationToken cancellationToken);
}
