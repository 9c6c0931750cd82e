namespace GenAI.Chats.Models.Routing;

/// <summary>
/// Creates the models of one kind of API. A host can add providers by registering implementations as singletons and naming them in
/// <c>Models:Routes</c>.
/// </summary>
public interface IChatModelProvider
{
    /// <summary>Gets the name for routes, such as <c>gemini</c>. It isn't case-sensitive.</summary>
    string Name { get; }

    /// <summary>
    /// Creates the model of a target. Called once per target at startup. A call of the model is one attempt: the route handles retries, limits,
    /// and <see cref="ModelTarget.Model"/>.
    /// </summary>
    IChatModel Create(ModelTarget target);
}

/// <summary>A provider of this service.</summary>
internal sealed record ModelProvider(string Name, Func<ModelTarget, IChatModel> Factory) : IChatModelProvider
{
    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => Factory(target);
}
