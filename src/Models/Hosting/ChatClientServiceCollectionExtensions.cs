using GenAI.Chats.Models.ChatClients;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models that use an <see cref="IChatClient"/>.</summary>
public static class ChatClientServiceCollectionExtensions
{
    /// <summary>Adds a provider for an <see cref="IChatClient"/>. Routes select it by name: <c>Models:Routes:N:Provider</c>.</summary>
    /// <remarks>
    /// <para>The client must support concurrent calls. <see cref="ChatOptions.ModelId"/> is the route's model. A call of the client is one attempt:
    /// retries of the client are in addition to the server's retries. The chat doesn't see function calls that the client executes itself.</para>
    /// <para>A client can throw <see cref="GenAI.Chats.Models.ModelException"/>. The status of other exceptions is detected where possible. Their
    /// messages aren't passed on, because they can contain secrets.</para>
    /// </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The provider's name, without white space. It isn't case-sensitive.</param>
    /// <param name="createClient">Creates the client, or returns a service. Called once per target at startup. The creator of the client disposes it.
    /// For a service, that is the container.</param>
    public static IServiceCollection AddChatClientModel(
        this IServiceCollection services, string name, Func<IServiceProvider, IChatClient> createClient)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(createClient);
        if (name.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"The provider name '{name}' must not contain white space.", nameof(name));
        }

        return services.AddSingleton<IChatModelProvider>(provider => new ChatClientProvider(
            name, () => createClient(provider), provider.GetRequiredService<TimeProvider>()));
    }
}
