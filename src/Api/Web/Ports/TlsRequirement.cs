using Microsoft.AspNetCore.Authorization;

namespace GenAI.Chats.Api.Web.Ports;

/// <summary>Rejects requests without TLS on a port with TLS, except for endpoints that need no credentials, such as health checks.</summary>
internal static class TlsRequirement
{
    /// <summary>The middleware.</summary>
    public static Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<PlaintextConnection>() is null || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context);
        }

        context.Response.Headers.Upgrade = "TLS/1.2, HTTP/1.1";
        context.Response.Headers.Connection = "Upgrade";
        return HttpErrors.WriteAsync(context.Response, RpcErrors.Denied("TLS_REQUIRED", "This port requires TLS. Use an https URL."), StatusCodes.Status426UpgradeRequired);
    }
}
