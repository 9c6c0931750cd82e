using Grpc.Core;

namespace GenAI.Chats.Api.Services;

/// <summary>Whose chats a call is about.</summary>
internal static class Tenant
{
    private const string Default = "default";

    /// <summary>The caller's tenant. Without authentication there is one.</summary>
    public static string Of(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Default;
    }
}
