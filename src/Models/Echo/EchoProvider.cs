using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Echo;

/// <summary>Provider <c>echo</c>.</summary>
internal sealed class EchoProvider(TimeProvider time) : IChatModelProvider
{
    /// <inheritdoc/>
    public string Name => "echo";

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => new EchoModel(time);
}
