using GenAI.Chats.Engine.Lists;
using GenAI.Chats.Engine.Operators;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Tools;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenAI.Chats.Engine.Hosting;

/// <summary>Registers the engine.</summary>
public static class EngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IChatSessions"/>, <see cref="ChatLister"/>, and <see cref="TenantChats"/>, with limits and tools. The host adds a store, models, <see cref="ITenantQuotas"/>, and
    /// <see cref="IIdleChats"/>.
    /// </summary>
    public static IServiceCollection AddChatEngine(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddServerState(configuration);
        services.AddLimits(configuration);
        services.TryAddSingleton<StoreReader>();
        services.TryAddSingleton<ToolRunner>();
        services.TryAddSingleton<ChatTools>();
        services.TryAddSingleton<TurnAttempts>();
        services.TryAddSingleton<IChatSessions, ChatSessionFactory>();
        services.TryAddSingleton(static provider => new ChatLister(provider.GetRequiredService<StoreReader>()));
        services.TryAddSingleton(static provider => new TenantChats(provider.GetRequiredService<StoreReader>(), provider.GetRequiredService<IOperatorStore>()));
        return services.AddHostedService(static provider => provider.GetRequiredService<ChatTools>());
    }

    /// <summary>Adds <see cref="ServerState"/> and <see cref="ChatMetrics"/>, and the validated options of section <c>Chats</c>, for processes of all roles.</summary>
    public static IServiceCollection AddServerState(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ChatsOptions>().Bind(configuration.GetSection(ChatsOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ChatsOptions>, ChatsOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ChatMetrics>();
        services.TryAddSingleton<TurnSlots>();
        services.TryAddSingleton(static provider => new ServerState(
            provider.GetRequiredService<TurnSlots>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ChatMetrics>()));
        return services;
    }
}
