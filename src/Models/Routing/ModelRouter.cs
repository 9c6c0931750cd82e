using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Finds models by the configured routes.</summary>
internal sealed class ModelRouter : IChatModels
{
    private readonly (string Pattern, IChatModel Model)[] _routes;

    public ModelRouter(IOptions<ModelsOptions> options, IEnumerable<IChatModelProvider> providers)
    {
        var byName = new Dictionary<string, IChatModelProvider>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in providers)
        {
            byName[provider.Name] = provider;
        }

        _routes = [.. options.Value.Routes.Select(route => (route.Name, byName[route.Provider].Create(route)))];
    }

    /// <inheritdoc/>
    public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var (pattern, candidate) in _routes)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            {
                model = candidate;
                return true;
            }
        }

        model = null;
        return false;
    }
}
