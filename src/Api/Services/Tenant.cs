using GenAI.Chats.Api.Identity;
using Grpc.Core;

namespace GenAI.Chats.Api.Services;

/// <summary>Whose chats a call is about.</summary>
internal static class Tenant
{
    /// <summary>The caller's tenant, as <see cref="AuthenticationMiddleware"/> found it: no part of the request has a say in it.</summary>
    public static string Of(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.GetHttpContext().Features.Get<Caller>()?.Tenant ?? throw new InvalidOperationException("Nobody has asked whose the call is.");
    }
}
