using System.Diagnostics.CodeAnalysis;
using System.IO.Enumeration;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Finds models by the configured routes.</summary>
internal sealed class ModelRouter : IChatModels, IDisposable
{
    private readonly (string Pattern, RouteModel Model)[] _routes;

    public ModelRouter(
        IOptions<ModelsOptions> options, IEnumerable<IChatModelProvider> providers, TimeProvider time, ILoggerFactory loggers, ModelTelemetry telemetry)
    {
        var byName = new Dictionary<string, IChatModelProvider>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in providers)
        {
            byName[provider.Name] = provider;
        }

        var log = loggers.CreateLogger(CallsLog.Category);
        _routes =
        [
            .. options.Value.Routes.Select(
                route => (route.Name, new RouteModel(route, target => byName[target.Provider].Create(target), time, log, telemetry))),
        ];
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, model) in _routes)
        {
            model.Dispose();
        }
    }
}
