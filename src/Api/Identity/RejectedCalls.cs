using GenAI.Chats.Api.Telemetry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Identity;

/// <summary>Answers requests that the authorization policy rejects, before their body is read: gRPC and gRPC-Web calls with a gRPC status, other requests with an HTTP error.</summary>
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
        var error = ErrorOf(await context.AuthenticateAsync(), context);
        var reason = RpcErrors.ReasonOf(error)!;
        IdentityLog.CallRejected(logger, reason);
        metrics.Rejected(reason);
        if (context.Request.ContentType is { } type && type.StartsWith(GrpcContentType, StringComparison.OrdinalIgnoreCase))
        {
            Write(context.Response, error, type);
            return;
        }

        context.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
        await HttpErrors.WriteAsync(context.Response, error);
    }

    private RpcException ErrorOf(AuthenticateResult result, HttpContext context)
    {
        if (result.Succeeded)
        {
            return Caller.OperatorOf(context) is null
                ? Caller.OperatorRequired()
                : RpcErrors.Denied("TENANT_CREDENTIALS_REQUIRED", "Operators' credentials can't call this method. Send the credentials of a tenant.");
        }

        var reason = result.Failure is null ? CredentialException.Missing : (result.Failure as CredentialException)?.Reason ?? CredentialException.Invalid;
        return reason == CredentialException.Unavailable ? RpcErrors.Unavailable(reason, Message(reason)) : RpcErrors.Unauthenticated(reason, Message(reason));
    }

    // A response without messages, which has the status in its headers. Its content type is the request's, which is gRPC or gRPC-Web.
    private static void Write(HttpResponse response, RpcException error, string contentType)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = contentType;
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
