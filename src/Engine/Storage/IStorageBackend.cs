namespace GenAI.Chats.Engine.Storage;

/// <summary>A place where a service stores everything: chats, heartbeats, and the usage of tenants.</summary>
public interface IStorageBackend : IChatStore, IOwnerStore, ITenantUsageStore, IOperatorStore
{
    /// <summary>
    /// Prepares the backend, and migrates it to the schema of this version. Called once, before any other member. Safe while other processes
    /// use the backend.
    /// </summary>
    /// <exception cref="ChatStoreException">The backend can't be used, or a later version wrote it.</exception>
    Task InitializeAsync(CancellationToken cancellationToken);
}
