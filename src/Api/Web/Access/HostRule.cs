using System.Net;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Identity;

namespace GenAI.Chats.Api.Web.Access;

/// <summary>
/// Rejects web requests with an unknown host name if the server is open to this machine only, without authentication. A web page could otherwise call it: the page's
/// owner lets the name of the page's host resolve to a loopback address, so that the browser takes both for one origin (DNS rebinding).
/// </summary>
/// <remarks>Native gRPC isn't checked, because browsers can't send it. Origins in <see cref="ApiOptions.CorsOrigins"/> are known hosts.</remarks>
internal sealed class HostRule(RequestDelegate next, ServerAccess access, IOptions<ApiOptions> options)
{
    private const string Localhost = "localhost";

    private readonly HashSet<string> _known = new(
        options.Value.CorsOrigins.Select(static origin => Uri.TryCreate(origin, UriKind.Absolute, out var url) ? url.Host : origin), StringComparer.OrdinalIgnoreCase);

    private bool? _applies;

    /// <summary>The middleware.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (IsKnown(host) || IsGrpc(context.Request) || !(_applies ??= access.IsOpenToThisMachineOnly))
        {
            return next(context);
        }

        return HttpErrors.WriteAsync(
            context.Response, RpcErrors.Denied("HOST_REJECTED", $"The host '{Text.Cut(host, Text.MaxValueBytes)}' isn't an address, and isn't in Api:CorsOrigins."));
    }

    private bool IsKnown(string host) =>
        host.Length == 0
        || IPAddress.TryParse(host, out _)
        || host.Equals(Localhost, StringComparison.OrdinalIgnoreCase)
        || host.EndsWith($".{Localhost}", StringComparison.OrdinalIgnoreCase)
        || _known.Contains(host)
        || _known.Contains("*");

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);
}
