using GenAI.Chats.Storage;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.Storage.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the store of chats into a host.</summary>
internal static class StorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds the <see cref="IChatStore"/> that section <c>Storage</c> names, and checks its options at start. The store is brought up to
    /// this version's schema before any hosted service starts.
    /// </summary>
    public static IServiceCollection AddChatStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<ChatMetrics>();
        services.TryAddSingleton<StoreHealth>();
        services.TryAddSingleton(CreateObserved);
        services.AddHostedService<ChatStoreStarter>();
        return services;
    }

    private static IChatStore CreateObserved(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        return new ObservedChatStore(
            CreateStore(services),
            StoreNames.Of(options.Provider),
            services.GetRequiredService<ChatMetrics>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<StoreHealth>(),
            options.ReadTimeout);
    }

    private static IChatStore CreateStore(IServiceProvider services)
    {
        var provider = services.GetRequiredService<IOptions<StorageOptions>>().Value.Provider;
        return IsProvider(StorageProviders.InMemory) ? ActivatorUtilities.CreateInstance<InMemoryChatStore>(services)
            : IsProvider(StorageProviders.GrainStorage) ? ActivatorUtilities.CreateInstance<GrainStorageChatStore>(services)
            : IsProvider(StorageProviders.Postgres) ? ActivatorUtilities.CreateInstance<PostgresChatStore>(services)
            : ActivatorUtilities.CreateInstance<SqliteChatStore>(services);

        bool IsProvider(string name) => provider.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
