using Azure.Storage.Blobs;
using GenAI.Chats.Silo.AzureStorage;
using GenAI.Chats.Silo.Redis;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage.Provider;
using Orleans.Serialization;

namespace GenAI.Chats.Silo.Storage;

/// <summary>Adds the provider of the store over grain storage.</summary>
internal static class GrainStorageServiceCollectionExtensions
{
    private const string AzureName = "genai-chats";

    /// <summary>Adds the provider that the configuration section <c>Storage</c> selects: one that the host registered, Redis, or Azure blobs.</summary>
    public static IServiceCollection AddChatGrainStorage(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(StorageOptions.SectionName).Get<StorageOptions>() ?? new StorageOptions();
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
        services.AddSingleton<IValidateOptions<StorageOptions>>(new ConnectionStringValidator(
            RedisConnectionString.IsValid, "a StackExchange.Redis configuration string, such as redis.example.com:6379,ssl=true,user=chats,password=secret"));
        services.TryAddSingleton<RedisDurabilityCheck>();
        services.TryAddSingleton<IGrainStorageSource, RedisGrainStorageSource>();
    }

    private static void AddAzureBlobs(this IServiceCollection services, StorageOptions options)
    {
        services.AddSingleton<IValidateOptions<StorageOptions>>(new ConnectionStringValidator(
            static text => AzureAccount.IsConnectionString(text, static text => new BlobServiceClient(text)),
            "the connection string of an Azure storage account, such as "
            + "DefaultEndpointsProtocol=https;AccountName=chats;AccountKey=secret;EndpointSuffix=core.windows.net, with a key in Base64"));

        // A step can't be canceled, so the SDK's default of 100 s with three retries is too long.
        BlobServiceClient Connect() => new(options.ConnectionString, new BlobClientOptions().WithRetries(maxRetries: 1, options.RequestTimeout));
        services.AddAzureBlobGrainStorage(AzureName, azure =>
        {
            azure.ContainerName = options.Container;
            azure.GrainStorageSerializer = new RecordSerializer();
            azure.BlobServiceClient = Connect();
        });
        services.TryAddSingleton<IGrainStorageSource>(provider => new AzureGrainStorageSource(
            new RegisteredGrainStorage(provider, AzureName), Connect().GetBlobContainerClient(options.Container)));
    }
}
