using Microsoft.Extensions.Primitives;

namespace GenAI.Chats.Api.Identity;

/// <summary>Finds a call's key or token in its metadata.</summary>
internal static class Credentials
{
    /// <summary>The metadata for keys.</summary>
    public const string ApiKeyHeader = "x-api-key";

    private const string Bearer = "Bearer ";

    /// <summary>The key or token.</summary>
    /// <param name="headers">The call's metadata.</param>
    /// <param name="credential">The key or token; null: there is none.</param>
    /// <returns>Whether it is clear what is meant: at most one key or token, and nothing else in its place.</returns>
    public static bool TryRead(IHeaderDictionary headers, out string? credential)
    {
        credential = null;
        var (key, authorization) = (headers[ApiKeyHeader], headers.Authorization);
        if (StringValues.IsNullOrEmpty(key))
        {
            return authorization.Count == 0 || TryReadBearer(authorization, out credential);
        }

        credential = key[0];
        return key.Count == 1 && authorization.Count == 0;
    }

    private static bool TryReadBearer(StringValues authorization, out string? token)
    {
        token = null;
        if (authorization is not [{ } value] || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        token = value[Bearer.Length..].Trim();
        return token.Length > 0;
    }
}
