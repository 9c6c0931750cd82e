using GenAI.Chats.Api.Telemetry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Identity;

/// <summary>Answers requests that the authorization policy rejects, before their body is read: with a gRPC status, or with an HTTP status for other requests.</summary>
/// <remarks>Credentials are checked when a call starts. If they expire later, the call continues.</remarks>
internal sealed class RejectedCalls(IOptions<ChatAuthenticationOptions> options, FrontDoorMetrics metrics, ILogger<RejectedCalls> logger) : IAuthorizationMiddlewareResultHandler
{
    private const string GrpcContentType = "application/grpc";

    private readonly string _howTo = HowTo(options.Value.Schemes);

    /// <inheritdoc/>
    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            await next(context);
            return;
        }

        // The scheme remembers its result for the request.
        var failure = (await context.AuthenticateAsync()).Failure;
        var reason = failure is null ? CredentialException.Missing : (failure as CredentialException)?.Reason ?? CredentialException.Invalid;
        IdentityLog.CallRejected(logger, reason);
        metrics.Rejected(reason);
        var isUnavailable = reason == CredentialException.Unavailable;
        if (context.Request.ContentType?.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase) == true)
        {
            Write(context.Response, isUnavailable ? RpcErrors.Unavailable(reason, Message(reason)) : RpcErrors.Unauthenticated(reason, Message(reason)));
            return;
        }

        context.Response.StatusCode = isUnavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
    }

    private static void Write(HttpResponse response, RpcException error)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = GrpcContentType;
        response.Headers["grpc-status"] = ((int)error.StatusCode).ToString(CultureInfo.InvariantCulture);

        // Clients decode %XX. A space can stay, which keeps the message readable.
        response.Headers["grpc-message"] = Uri.EscapeDataString(error.Status.Detail).Replace("%20", " ", StringComparison.Ordinal);
        foreach (var entry in error.Trailers)
        {
            response.Headers[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }
    }

    private string Message(string reason) => reason switch
    {
        CredentialException.Missing => $"Authentication required. Send {_howTo}.",
        CredentialException.Expired => "The credentials have expired.",
        CredentialException.Unavailable => "Token validation is temporarily unavailable: the issuer's signing keys couldn't be fetched.",
        _ => $"Invalid credentials. Send {_howTo}.",
    };

    private static string HowTo(ChatAuthenticationSchemes schemes) => string.Join(", or ", new (ChatAuthenticationSchemes Scheme, string Text)[]
    {
        (ChatAuthenticationSchemes.ApiKeys, "an API key in the x-api-key header"),
        (ChatAuthenticationSchemes.Jwt, "a bearer token in the authorization header"),
        (ChatAuthenticationSchemes.ClientCertificates, "a client certificate that contains a tenant"),
    }.Where(one => schemes.HasFlag(one.Scheme)).Select(static one => one.Text));
}
