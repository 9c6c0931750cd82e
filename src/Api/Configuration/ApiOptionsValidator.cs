using GenAI.Chats.Api.Identity;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Dashboard;

namespace GenAI.Chats.Api.Configuration;

/// <summary>Checks <see cref="ApiOptions"/> at startup, and that the dashboard is only reachable from this machine, if callers must authenticate.</summary>
internal sealed class ApiOptionsValidator(IConfiguration configuration, IOptions<ChatAuthenticationOptions> identity, ChatSiloOptions? silo = null)
    : IValidateOptions<ApiOptions>
{
    // Kestrel checks its connections once per second.
    private static readonly TimeSpan MinTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    private const int MaxStreams = 100_000;
    private const string KestrelEndpoints = "Kestrel:Endpoints";

    public ValidateOptionsResult Validate(string? name, ApiOptions options)
    {
        var check = new SettingsCheck(ApiOptions.SectionName);
        check.Require(Enum.IsDefined(options.Role), nameof(options.Role), options.Role, "Server or FrontDoor");
        check.Require(System.Net.IPAddress.TryParse(options.Address, out _), nameof(options.Address), options.Address, "an IP address");
        check.RequirePort(nameof(options.GrpcPort), options.GrpcPort);
        check.RequirePort(nameof(options.HttpPort), options.HttpPort);
        check.Require(
            options.HttpPort != options.GrpcPort || options.HttpPort == 0, nameof(options.HttpPort), options.HttpPort, $"a port other than {ApiOptions.SectionName}:GrpcPort");
        var delay = options.KeepAlivePingDelay;
        check.Require(
            delay == TimeSpan.Zero || (delay >= MinTime && delay <= MaxTime), nameof(options.KeepAlivePingDelay), delay, $"0, or between {MinTime} and {MaxTime}");
        check.RequireBetween(nameof(options.KeepAlivePingTimeout), options.KeepAlivePingTimeout, MinTime, MaxTime);
        check.Require(options.MaxConnections is null or > 0, nameof(options.MaxConnections), options.MaxConnections, "a number greater than 0");
        check.RequireBetween(nameof(options.MaxStreamsPerConnection), options.MaxStreamsPerConnection, 1, MaxStreams);
        foreach (var origin in options.CorsOrigins)
        {
            check.Require(IsOrigin(origin), nameof(options.CorsOrigins), origin, "*, or a list of origins such as https://app.example.com");
        }

        check.RequireBetween(nameof(options.StallTimeout), options.StallTimeout, MinTime, MaxTime);
        var isAuthenticated = identity.Value.Schemes != ChatAuthenticationSchemes.None;
        var urls = configuration.GetSection(KestrelEndpoints).GetChildren().Select(static endpoint => endpoint["Url"]).OfType<string>().ToList();
        var failures = new ValidateOptionsResultBuilder();
        failures.AddResult(check.Result);
        failures.AddResult(urls.Count == 0
            ? DashboardRule.Check(silo, isAuthenticated, $"{ApiOptions.SectionName}:{nameof(options.Address)}", [options.Address])
            : DashboardRule.Check(silo, isAuthenticated, KestrelEndpoints, urls.Select(static url => BindingAddress.Parse(url).Host)));
        return failures.Build();
    }

    // A browser sends the origin without path, and with a port only if it isn't the scheme's.
    private static bool IsOrigin(string text) =>
        text == "*" || (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 && url.GetLeftPart(UriPartial.Authority) == text);
}
