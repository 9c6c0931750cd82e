using GenAI.Chats.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the client into a container.</summary>
public static class ChatsClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="ChatsClient"/> that the whole application shares. The container's <see cref="TimeProvider"/> and loggers are used where it has them.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="options">The options. Null: the default ones.</param>
    public static IServiceCollection AddChatsClient(this IServiceCollection services, ChatsClientOptions? options = null) =>
        services.AddChatsClient(_ => options ?? new ChatsClientOptions());

    /// <inheritdoc cref="AddChatsClient(IServiceCollection, ChatsClientOptions?)"/>
    /// <param name="services">The container.</param>
    /// <param name="options">
    /// Makes the options, such as from the configuration: <c>sp =&gt; sp.GetRequiredService&lt;IConfiguration&gt;().GetSection("Chats").Get&lt;ChatsClientOptions&gt;()!</c>.
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
