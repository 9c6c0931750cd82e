using Azure.Core;
using Azure.Storage.Blobs;
using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Storage.GrainStorage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Gives the store over grain storage its provider.</summary>
internal static class GrainStorageServiceCollectionExtensions
{
    private const string AzureName = "genai-chats";

    /// <summary>Adds the provider that section <c>Storage</c> names: one of the host's, or Azure blobs.</summary>
    public static IServiceCollection AddChatGrainStorage(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        if (!options.Provider.Equals(StorageProviders.GrainStorage, StringComparison.OrdinalIgnoreCase))
        {
            return services;
        }

        var name = options.GrainStorageName;
        if (name.Length == 0)
        {
            name = AzureName;
            services.AddSingleton<IValidateOptions<StorageOptions>, AzureAccountValidator>();
            services.AddAzureBlobGrainStorage(name, azure =>
            {
                azure.ContainerName = options.Container;
                azure.GrainStorageSerializer = new RecordSerializer();
                azure.BlobServiceClient = CreateClient(options.ConnectionString, options.RequestTimeout);
            });
        }

        services.TryAddSingleton<IGrainStorageSource>(provider => new RegisteredGrainStorage(provider, name));
        return services;
    }

    private static BlobServiceClient CreateClient(string connectionString, TimeSpan timeout)
    {
        // A step cannot be cancelled, so that it may not take as long as the SDK lets it: 100 s, and three times more.
        var options = new BlobClientOptions();
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.MaxRetries = 1;
        options.Retry.NetworkTimeout = timeout;
        return new BlobServiceClient(connectionString, options);
    }
}
