using Azure.Core;
using Azure.Storage.Blobs;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Adds the provider of the store over grain storage.</summary>
public static class GrainStorageServiceCollectionExtensions
{
    private const string AzureName = "genai-chats";

    /// <summary>Adds the provider that the configuration section <c>Storage</c> selects: one that the host registered, Redis, or Azure blobs.</summary>
    public static IServiceCollection AddChatGrainStorage(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();
        if (!options.Provider.Equals(StorageProviders.GrainStorage, StringComparison.OrdinalIgnoreCase))
        {
            return services;
        }

        if (options.GrainStorageName.Length > 0)
        {
            services.TryAddSingleton<IGrainStorageSource>(provider => new RegisteredGrainStorage(provider, options.GrainStorageName));
        }
        else if (options.GrainStorage.Equals(GrainStorageProviders.Redis, StringComparison.OrdinalIgnoreCase))
        {
            services.AddRedis();
        }
        else
        {
            services.AddAzureBlobs(options);
        }

        return services;
    }

    private static void AddRedis(this IServiceCollection services)
    {
        // The provider creates empty records with it. A silo adds it, too, but a process can have a store without a silo.
        services.AddSerializer();
        services.AddSingleton<IValidateOptions<StorageOptions>, RedisConnectionValidator>();
        services.TryAddSingleton<RedisDurabilityCheck>();
        services.TryAddSingleton<IGrainStorageSource, RedisGrainStorageSource>();
    }

    private static void AddAzureBlobs(this IServiceCollection services, StorageOptions options)
    {
        services.AddSingleton<IValidateOptions<StorageOptions>, AzureAccountValidator>();
        services.AddAzureBlobGrainStorage(AzureName, azure =>
        {
            azure.ContainerName = options.Container;
            azure.GrainStorageSerializer = new RecordSerializer();
            azure.BlobServiceClient = CreateClient(options.ConnectionString, options.RequestTimeout);
        });
        services.TryAddSingleton<IGrainStorageSource>(static provider => new RegisteredGrainStorage(provider, AzureName));
    }

    private static BlobServiceClient CreateClient(string connectionString, TimeSpan timeout)
    {
        // A step can't be canceled, so the SDK's default of 100 s with three retries is too long.
        var options = new BlobClientOptions();
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = TimeSpan.FromMilliseconds(200);
        options.Retry.MaxDelay = TimeSpan.FromSeconds(2);
        options.Retry.MaxRetries = 1;
        options.Retry.NetworkTimeout = timeout;
        return new BlobServiceClient(connectionString, options);
    }
}
