using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>A provider for an <see cref="IChatClient"/> of the host.</summary>
internal sealed class ChatClientProvider(string name, Func<IChatClient> createClient, TimeProvider time) : IChatModelProvider
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => new ChatClientModel(createClient(), name, target.Timeout ?? DefaultTimeout, time);
}
