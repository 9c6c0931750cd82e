using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Echo;

/// <summary>Provider <c>echo</c>.</summary>
internal sealed class EchoProvider(TimeProvider time) : IChatModelProvider
{
    /// <summary>The name of the provider and its model.</summary>
    public const string ModelName = "echo";

    /// <inheritdoc/>
    public string Name => ModelName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => new EchoModel(time);
}
