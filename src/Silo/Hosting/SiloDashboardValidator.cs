using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Dashboard;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>
/// Checks where a silo serves the dashboard. A silo authenticates no callers, but it shares its environment with the front doors of the cluster, which do.
/// </summary>
internal sealed class SiloDashboardValidator(IConfiguration configuration, ChatSiloOptions silo) : IValidateOptions<SiloServerOptions>
{
    private const string SchemesKey = "Authentication:Schemes";

    public ValidateOptionsResult Validate(string? name, SiloServerOptions options) => DashboardRule.Check(
        silo,
        configuration[SchemesKey] is { Length: > 0 } schemes && !schemes.Equals("None", StringComparison.OrdinalIgnoreCase),
        $"{SiloServerOptions.Section}:{nameof(options.Address)}",
        [options.Address]);
}
