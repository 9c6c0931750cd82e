using System.Diagnostics.Metrics;
using GenAI.Chats.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.Storage.Registration;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the store of chats to a host.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds the store that section <c>Storage</c> selects: an <see cref="IStorageBackend"/>, and, over it, the <see cref="IChatStore"/>,
    /// <see cref="IOwnerStore"/>, <see cref="ITenantUsageStore"/>, and <see cref="IOperatorStore"/> of a service, which are measured and whose reads have a time limit.
    /// When the host starts, it validates the section, and prepares the store before any hosted service starts.
    /// </summary>
    public static IServiceCollection AddChatStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, PostgresOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<StoreHealth>();
        services.TryAddSingleton(CreateBackend);
        services.TryAddSingleton(CreateStore);
        services.TryAddSingleton<IChatStore>(static provider => provider.GetRequiredService<ObservedStore>());
        services.TryAddSingleton<IOwnerStore>(static provider => provider.GetRequiredService<ObservedStore>());
        services.TryAddSingleton<ITenantUsageStore>(static provider => provider.GetRequiredService<ObservedStore>());
        services.TryAddSingleton<IOperatorStore>(static provider => provider.GetRequiredService<ObservedStore>());
        services.AddHostedService<StorageStarter>();
        return services;
    }

    private static ObservedStore CreateStore(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        return new ObservedStore(
            services.GetRequiredService<IStorageBackend>(),
            new StoreTelemetry(options.Provider, services.GetRequiredService<IMeterFactory>()),
            services.GetRequiredService<StoreHealth>(),
            options.ReadTimeout,
            services.GetRequiredService<TimeProvider>());
    }

    private static IStorageBackend CreateBackend(IServiceProvider services)
    {
        var provider = services.GetRequiredService<IOptions<StorageOptions>>().Value.Provider;
        return StorageProviders.Is(provider, StorageProviders.InMemory) ? ActivatorUtilities.CreateInstance<InMemoryChatStore>(services)
            : StorageProviders.Is(provider, StorageProviders.GrainStorage) ? ActivatorUtilities.CreateInstance<GrainStorageChatStore>(services)
            : StorageProviders.Is(provider, StorageProviders.Postgres) ? ActivatorUtilities.CreateInstance<PostgresChatStore>(services)
            : ActivatorUtilities.CreateInstance<SqliteChatStore>(services);
    }
}
