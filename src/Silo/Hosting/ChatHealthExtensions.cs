using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>How the server tells whether it is well, the same way in each role.</summary>
public static class ChatHealthExtensions
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Has whoever watches the server's health told of a change within about a second.</summary>
    public static IServiceCollection AddPromptHealth(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.Configure<HealthCheckPublisherOptions>(static publisher => (publisher.Delay, publisher.Period) = (TimeSpan.Zero, Period));
    }

    /// <summary>
    /// Maps <c>/healthz/live</c>, which answers while the process does, and <c>/healthz/ready</c>, which says why where it is not. Anybody may ask.
    /// </summary>
    public static void MapChatHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
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
