using GenAI.Chats.Api.Errors;
using GenAI.Chats.Api.Telemetry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Identity;

/// <summary>
/// Lets calls through with the caller's tenant, and refuses all others before anything of their messages is read. What needs no credentials says so
/// where it is mapped, with <see cref="IAllowAnonymous"/>.
/// </summary>
/// <remarks>Credentials count at the start of a call: one that lasts longer than they do is not cut off.</remarks>
internal sealed class AuthenticationMiddleware(
    RequestDelegate next, Authenticator authenticator, FrontDoorMetrics metrics, IOptions<IdentityOptions> options, ILogger<AuthenticationMiddleware> logger)
{
    private readonly string _wanted = Wanted(options.Value.Mode);

    public async Task InvokeAsync(HttpContext call)
    {
        if (call.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(call);
            return;
        }

        var verdict = await authenticator.AuthenticateAsync(call);
        if (verdict.Tenant is { } tenant)
        {
            call.Features.Set(new Caller(tenant));
            await next(call);
            return;
        }

        IdentityLog.Refused(logger, verdict.Refusal);
        metrics.Refused(ReasonOf(verdict.Refusal));
        if (call.Request.ContentType?.StartsWith(GrpcAnswers.ContentType, StringComparison.OrdinalIgnoreCase) == true)
        {
            GrpcAnswers.Refuse(call.Response, ToError(verdict.Refusal));
            return;
        }

        call.Response.StatusCode = verdict.Refusal == Refusal.Unavailable ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status401Unauthorized;
        call.Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer";
    }

    private static string ReasonOf(Refusal refusal) => refusal switch
    {
        Refusal.Missing => "MISSING_CREDENTIALS",
        Refusal.Expired => "EXPIRED_CREDENTIALS",
        Refusal.Unavailable => "IDENTITY_UNAVAILABLE",
        _ => "INVALID_CREDENTIALS",
    };

    private Grpc.Core.RpcException ToError(Refusal refusal) => refusal switch
    {
        Refusal.Missing => RpcErrors.Unauthenticated(ReasonOf(refusal), $"The call has no credentials. This server wants {_wanted}."),
        Refusal.Expired => RpcErrors.Unauthenticated(ReasonOf(refusal), "The credentials have expired."),
        Refusal.Unavailable => RpcErrors.Unavailable(ReasonOf(refusal), "The keys that tokens are checked with are not to be had now."),
        _ => RpcErrors.Unauthenticated(ReasonOf(refusal), $"The credentials are not valid. This server wants {_wanted}."),
    };

    private static string Wanted(IdentityMode mode)
    {
        var wanted = new List<string>();
        Add(IdentityMode.ApiKeys, "an API key in the metadata x-api-key");
        Add(IdentityMode.Jwt, "a token in the metadata authorization, as Bearer TOKEN");
        Add(IdentityMode.ClientCertificates, "a client certificate that names a tenant");
        return string.Join(", or ", wanted);

        void Add(IdentityMode one, string what)
        {
            if (mode.HasFlag(one))
            {
                wanted.Add(what);
            }
        }
    }
}
