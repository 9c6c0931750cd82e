using GenAI.Chats.Models.ChatClients;
using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registration of models behind <see cref="IChatClient"/>.</summary>
public static class ChatClientServiceCollectionExtensions
{
    /// <summary>
    /// Adds a provider whose models are behind an <see cref="IChatClient"/>. A route takes it by its name: <c>Models:Routes:N:Provider</c>.
    /// </summary>
    /// <remarks>
    /// <para>The client is called for any number of chats at once, with the route's model as <see cref="ChatOptions.ModelId"/>. One call of
    /// it is one attempt: a client that retries by itself does so beneath the server's own retries. Functions that the client calls by itself
    /// stay its own; a chat sees those calls alone that are left to it.</para>
    /// <para>A client may throw <see cref="GenAI.Chats.Models.ModelException"/> to say what a failure is. Of others the status is made
    /// out where it can be; their messages are not passed on, as nobody knows what is in them.</para>
    /// </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The provider's name, without white space. Case does not matter.</param>
    /// <param name="createClient">Makes the client, or finds it among the services. Called once a route, at start. Who made the client disposes
    /// of it: the container does, where it is a service.</param>
    public static IServiceCollection AddChatClientModel(
        this IServiceCollection services, string name, Func<IServiceProvider, IChatClient> createClient)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(createClient);
        if (name.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"The provider's name is '{name}': it must be without white space.", nameof(name));
        }

        return services.AddSingleton<IChatModelProvider>(provider => new ChatClientProvider(
            name, () => createClient(provider), provider.GetRequiredService<TimeProvider>()));
    }
}
