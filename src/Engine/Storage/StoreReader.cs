namespace GenAI.Chats.Engine.Storage;

/// <summary>Reads from the store for clients: logs a failure, and throws the error that the client gets.</summary>
internal sealed partial class StoreReader(IChatStore store, ILogger<StoreReader> logger)
{
    /// <summary>Gets the store.</summary>
    public IChatStore Store => store;

    /// <summary>Reads.</summary>
    /// <exception cref="ChatException">The store failed.</exception>
    public async Task<T> ReadAsync<T>(Func<IChatStore, Task<T>> read)
    {
        try
        {
            return await read(store);
        }
        catch (ChatStoreException failure)
        {
            throw Failed(failure);
        }
    }

    /// <summary>Logs a failure, and returns the error that the client gets.</summary>
    public ChatException Failed(ChatStoreException failure)
    {
        StoreFailed(logger, failure);
        return failure.IsReadTimeout ? ChatErrors.StoreTimeout()
            : failure.Damage is StoreDamage.None ? ChatErrors.StoreUnavailable()
            : ChatErrors.StoreDamaged();
    }

    [LoggerMessage(1, LogLevel.Warning, "Storage operation failed; affected chats will reload.", EventName = "StoreFailed")]
    private static partial void StoreFailed(ILogger logger, ChatStoreException exception);
}
