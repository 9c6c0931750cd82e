using Orleans.Dashboard;

namespace Microsoft.Extensions.Hosting;

/// <summary>Serves the Orleans Dashboard.</summary>
public static class ChatDashboardExtensions
{
    /// <summary>The dashboard's path.</summary>
    public const string Path = "/orleans";

    /// <summary>
    /// Maps the Orleans Dashboard at <see cref="Path"/>, if <c>Orleans:Dashboard</c> is true. It needs no credentials: it shows the silos, and counts and
    /// durations by grain type, but no data of chats.
    /// </summary>
    public static void MapChatDashboard(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        if (endpoints.ServiceProvider.GetService<ChatSiloOptions>() is { Dashboard: true })
        {
            // Not with an endpoint filter: the handlers' services are created before it runs, which fails until the process is connected to a silo.
            ((IEndpointConventionBuilder)endpoints.MapOrleansDashboard(Path).AllowAnonymous()).Add(Restrict);
        }
    }

    // Operators read the server's log elsewhere.
    internal static void Configure(DashboardOptions options) => options.HideTrace = true;

    private static void Restrict(EndpointBuilder endpoint)
    {
        // It asks grains for their state, which no grain returns.
        if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: { } pattern } && pattern.EndsWith("/GrainState", StringComparison.Ordinal))
        {
            endpoint.RequestDelegate = static http => Results.StatusCode(StatusCodes.Status403Forbidden).ExecuteAsync(http);
            return;
        }

        var serve = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = http => http.RequestServices.GetService<ClusterConnection>() is { HasGateway: false }
            ? Results.Text("Not connected to any silo.", statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(http)
            : serve(http);
    }
}
