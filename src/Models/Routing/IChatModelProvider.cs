namespace GenAI.Chats.Models.Routing;

/// <summary>
/// Makes the models of one kind of API. A host adds its own by registering an implementation as a singleton, and names it in
/// <c>Models:Routes</c>.
/// </summary>
public interface IChatModelProvider
{
    /// <summary>The name by which routes choose it, such as <c>gemini</c>. Case does not matter.</summary>
    string Name { get; }

    /// <summary>
    /// Makes the model of a target: one call of it is one attempt. Retries, limits and <see cref="ModelTarget.Model"/> are not its
    /// concern. Called once a target, at start.
    /// </summary>
    IChatModel Create(ModelTarget target);
}
