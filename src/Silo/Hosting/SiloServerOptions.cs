using GenAI.Chats.Silo.Dashboard;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>The ports of a silo that is its own process: the configuration section <c>Silo</c>.</summary>
internal sealed record SiloServerOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Silo";

    /// <summary>The IP address to listen on. 0.0.0.0: all addresses. Default 127.0.0.1.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>The port for gRPC health checks (HTTP/2 without TLS). 0: any free port. Default 50052.</summary>
    public int HealthGrpcPort { get; init; } = 50052;

    /// <summary>The port for HTTP/1.1: health checks and the Orleans Dashboard. 0: any free port. Default 8081.</summary>
    public int HttpPort { get; init; } = 8081;
}

/// <summary>
/// Checks <see cref="SiloServerOptions"/> at startup, and where the silo serves the dashboard. A silo authenticates no callers, but it shares its environment with
/// the front doors of the cluster, which do.
/// </summary>
internal sealed class SiloServerOptionsValidator(IConfiguration configuration, ChatSiloOptions silo) : IValidateOptions<SiloServerOptions>
{
    public ValidateOptionsResult Validate(string? name, SiloServerOptions options)
    {
        var check = new SettingsCheck(SiloServerOptions.SectionName);
        check.Require(IPAddress.TryParse(options.Address, out _), nameof(options.Address), options.Address, "an IP address");
        check.RequirePort(nameof(options.HealthGrpcPort), options.HealthGrpcPort);
        check.RequirePort(nameof(options.HttpPort), options.HttpPort);
        check.Require(
            options.HttpPort != options.HealthGrpcPort || options.HttpPort == 0, nameof(options.HttpPort), options.HttpPort, $"a port other than Silo:{nameof(options.HealthGrpcPort)}");
        var schemes = configuration["Authentication:Schemes"] ?? "";
        var isAuthenticated = schemes.Length > 0 && !schemes.Equals("None", StringComparison.OrdinalIgnoreCase);
        var failures = new ValidateOptionsResultBuilder();
        failures.AddResult(check.Result);
        failures.AddResult(DashboardRule.Check(silo, isAuthenticated, $"{SiloServerOptions.SectionName}:{nameof(options.Address)}", [options.Address]));
        return failures.Build();
    }
}
