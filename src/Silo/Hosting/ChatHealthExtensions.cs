using GenAI.Chats.Silo.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>How the server tells whether it is well, the same way in each role.</summary>
public static class ChatHealthExtensions
{
    /// <summary>Adds the check whether the server takes requests; more can be added.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="names">The full names of the gRPC services that are asked for by name, besides the server as a whole.</param>
    public static IHealthChecksBuilder AddChatHealth(this IServiceCollection services, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<HealthState>();
        services.Configure<HealthServiceOptions>(health => health.Services.UnionWith(names));
        return services.AddHealthChecks().AddCheck<ReadyCheck>(ReadyCheck.Name);
    }

    /// <summary>
    /// Maps gRPC's health service, and over HTTP <c>/healthz/live</c>, which answers while the process does, and <c>/healthz/ready</c>, which says why where it
    /// is not. Anybody may ask.
    /// </summary>
    public static void MapChatHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapGrpcService<HealthService>().AllowAnonymous();
        endpoints.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = static _ => false }).AllowAnonymous();
        endpoints.MapHealthChecks("/healthz/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    // What checks say is for whoever asks; what they threw is not.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var reasons = report.Entries.Values.Select(static entry => entry.Description).OfType<string>();
        return context.Response.WriteAsync(string.Join(": ", reasons.Prepend(report.Status.ToString())), context.RequestAborted);
    }
}
