using Orleans.Storage;

namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>The source of the Orleans storage provider that stores the chats.</summary>
public interface IGrainStorageSource
{
    /// <summary>Starts the provider, before the silo starts. Called once.</summary>
    Task<IGrainStorage> StartAsync(CancellationToken cancellationToken);

    /// <summary>Reads the clock of the store, by which chats expire. Called after the start, and about once a minute.</summary>
    /// <returns>The time, to about a second. Null if the store has no clock that its servers share: chats then expire by the clocks of the servers.</returns>
    ValueTask<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) => ValueTask.FromResult<DateTimeOffset?>(null);
}
