using Azure.Storage.Blobs;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Orleans.Storage;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Orleans' storage provider for Azure blobs, with the clock of the storage account.</summary>
/// <param name="provider">The provider.</param>
/// <param name="container">The container that the provider stores blobs in.</param>
internal sealed class AzureGrainStorageSource(RegisteredGrainStorage provider, BlobContainerClient container) : IGrainStorageSource
{
    /// <inheritdoc />
    public Task<IGrainStorage> StartAsync(CancellationToken cancellationToken) => provider.StartAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken)
    {
        var properties = await container.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);

        // The header has whole seconds, rounded down.
        return properties.GetRawResponse().Headers.Date + TimeSpan.FromSeconds(0.5);
    }
}
