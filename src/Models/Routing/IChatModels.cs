using System.Diagnostics.CodeAnalysis;

namespace GenAI.Chats.Models.Routing;

/// <summary>The models that this server knows, by name.</summary>
public interface IChatModels
{
    /// <summary>Finds the model of the first route whose pattern matches the name.</summary>
    /// <param name="name">The model's name as a client gives it.</param>
    /// <param name="model">The model; it may be called at once and for as long as the server runs.</param>
    /// <returns>Whether a route matches. That the provider has such a model is not asked.</returns>
    bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model);
}
