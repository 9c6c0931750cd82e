using System.Diagnostics.CodeAnalysis;

namespace GenAI.Chats.Models.Routing;

/// <summary>The models of this server.</summary>
public interface IChatModels
{
    /// <summary>Finds the model of the first route that matches the name.</summary>
    /// <param name="name">The model name from the client.</param>
    /// <param name="model">The model. It is usable for the lifetime of the server.</param>
    /// <returns>Whether a route matches. The provider might still not have the model.</returns>
    bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model);
}
