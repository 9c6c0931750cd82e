using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;

namespace GenAI.Chats.Models.Routing;

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
