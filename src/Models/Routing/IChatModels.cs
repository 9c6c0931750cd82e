using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

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

/// <summary>Finds the model of the first route that matches a name.</summary>
internal sealed class ModelRouter(IEnumerable<(string Pattern, IChatModel Model)> routes) : IChatModels, IDisposable
{
    private readonly (string Pattern, IChatModel Model)[] _routes = [.. routes];

    /// <inheritdoc/>
    public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
    {
        ArgumentNullException.ThrowIfNull(name);
        model = _routes.FirstOrDefault(route => FileSystemName.MatchesSimpleExpression(route.Pattern, name, ignoreCase: false)).Model;
        return model is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _routes.Select(route => route.Model).OfType<IDisposable>())
        {
            model.Dispose();
        }
    }
}
