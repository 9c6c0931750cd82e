using GenAI.Chats.Silo;
using GenAI.Chats.Silo.Clustering;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
            endpoints.MapOrleansDashboard(Path).AllowAnonymous().AddEndpointFilter(FilterAsync);
        }
    }

    // The server's log can be read elsewhere, by those who may.
    internal static void Configure(DashboardOptions options) => options.HideTrace = true;

    private static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // Grains are asked for their state. None returns any, and none will.
        if (context.HttpContext.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: $"{Path}/GrainState" })
        {
            return ValueTask.FromResult<object?>(Results.StatusCode(StatusCodes.Status403Forbidden));
        }

        return context.HttpContext.RequestServices.GetService<ClusterConnection>() is { HasGateway: false }
            ? ValueTask.FromResult<object?>(Results.Text("Not connected to any silo.", statusCode: StatusCodes.Status503ServiceUnavailable))
            : next(context);
    }
}
