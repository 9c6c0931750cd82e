using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Telemetry;
using GenAI.Chats.Api.Web.Access;
using GenAI.Chats.Api.Web.Calls;
using GenAI.Chats.Api.Web.OpenApi;
using GenAI.Chats.Api.Web.Ports;
using GenAI.Chats.Api.Web.Rest;
using GenAI.Chats.Api.Web.UiStream;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web;

/// <summary>
/// Adds the web endpoints. They are served on all ports, and authentication, tenants, and quotas apply as for gRPC: endpoints without <c>AllowAnonymous</c> require a
/// tenant.
/// </summary>
internal static class WebHostingExtensions
{
    /// <summary>The name of the policy for requests of web pages from other origins. Endpoints opt in with <c>RequireCors</c>.</summary>
    public const string CorsPolicy = "Chats";

    private static readonly string[] ExposedHeaders =
        ["grpc-status", "grpc-message", "grpc-status-details-bin", "turn-id", "request-id", HeaderNames.ETag, HeaderNames.RetryAfter];

    private static readonly string[] Methods = ["GET", "POST", "PATCH", "DELETE"];

    /// <summary>Adds the services of the web endpoints.</summary>
    public static IServiceCollection AddWeb(this IServiceCollection services)
    {
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<ApiOptions>>(static (cors, api) => cors.AddPolicy(CorsPolicy, ToPolicy(api.Value)));
        services.AddSingleton<ServerAccess>();
        services.AddSingleton<OriginRule>();

        // They have no state. The gRPC server uses the same instances.
        services.AddSingleton<ChatsService>();
        services.AddSingleton<CallInterceptor>();
        services.AddSingleton<ServiceCalls>();
        services.AddSingleton<RestRequests>();
        services.AddSingleton<RestEndpoints>();
        services.AddSingleton<UiTurns>();
        services.AddSingleton<UiSends>();
        services.AddSingleton<UiHistory>();
        services.AddSingleton<UiEndpoints>();
        return services;
    }

    /// <summary>Adds the middleware that runs before authentication.</summary>
    public static IApplicationBuilder UseWeb(this IApplicationBuilder app) =>
        app.UseMiddleware<HostRule>().UseCors().Use(TlsRequirement.InvokeAsync);

    /// <summary>Maps the web endpoints.</summary>
    public static void MapWeb(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        foreach (var endpoint in RestEndpoints.Map(endpoints).Concat(UiEndpoints.Map(endpoints)).Append(OpenApiEndpoint.Map(endpoints)))
        {
            endpoint.RequireCors(CorsPolicy);
        }
    }

    private static CorsPolicy ToPolicy(ApiOptions options) => new CorsPolicyBuilder([.. options.CorsOrigins])
        .AllowAnyHeader()
        .WithMethods(Methods)
        .WithExposedHeaders(ExposedHeaders)
        .SetPreflightMaxAge(TimeSpan.FromHours(1))
        .Build();
}
