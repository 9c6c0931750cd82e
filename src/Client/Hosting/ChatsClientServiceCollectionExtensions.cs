using GenAI.Chats.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client to a service collection.</summary>
public static class ChatsClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="ChatsClient"/> as a singleton. It uses the container's <see cref="TimeProvider"/> and loggers, if there are any.
    /// </summary>
    /// <param name="services">The service collection.</param>
    /// <param name="options">The options. If null, the defaults.</param>
    public static IServiceCollection AddChatsClient(this IServiceCollection services, ChatsClientOptions? options = null) =>
        services.AddChatsClient(_ => options ?? new ChatsClientOptions());

    /// <inheritdoc cref="AddChatsClient(IServiceCollection, ChatsClientOptions?)"/>
    /// <param name="services">The service collection.</param>
    /// <param name="options">
    /// Creates the options, for example from the configuration: <c>sp =&gt; sp.GetRequiredService&lt;IConfiguration&gt;().GetSection("Chats").Get&lt;ChatsClientOptions&gt;()!</c>.
    /// </param>
    public static IServiceCollection AddChatsClient(this IServiceCollection services, Func<IServiceProvider, ChatsClientOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => new ChatsClient(
            options(provider), provider.GetService<TimeProvider>(), provider.GetService<ILogger<ChatsClient>>()));
        return services;
    }
}
