using GenAI.Chats.Silo.HealthChecks;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds the health checks, which are the same in all roles.</summary>
public static class ChatHealthExtensions
{
    /// <summary>Adds the readiness check. You can add more checks.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="names">The full names of gRPC services that have the health of the server.</param>
    public static IHealthChecksBuilder AddChatHealth(this IServiceCollection services, params string[] names)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<HealthState>();
        services.Configure<HealthServiceOptions>(health => health.Services.UnionWith(names));
        return services.AddHealthChecks().AddCheck<ReadyCheck>(ReadyCheck.Name);
    }

    /// <summary>
    /// Maps the gRPC health service, and over HTTP <c>/healthz/live</c>, which succeeds while the process runs, and <c>/healthz/ready</c>, which returns the reason if
    /// the server isn't ready. They need no credentials.
    /// </summary>
    public static void MapChatHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapGrpcService<HealthService>().AllowAnonymous();
        endpoints.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = static _ => false }).AllowAnonymous();
        endpoints.MapHealthChecks("/healthz/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    // Descriptions are public, exceptions aren't.
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var reasons = report.Entries.Values.Select(static entry => entry.Description).OfType<string>();
        return context.Response.WriteAsync(string.Join(": ", reasons.Prepend(report.Status.ToString())), context.RequestAborted);
    }
}
