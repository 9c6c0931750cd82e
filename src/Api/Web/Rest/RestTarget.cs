using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>
/// Rejects URLs that can mean different things to different programs: with empty segments, <c>..</c>, or escaped slashes. A proxy that checks paths would otherwise
/// see another path than this server. IDs never need them.
/// </summary>
internal static class RestTarget
{
    private static readonly string[] Escaped = ["%2f", "%5c", "%00", "%25"];

    /// <summary>Checks the URL of a request as the client sent it.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the URL is ambiguous.</exception>
    public static void Check(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.Split('?', 2)[0];
        var isAmbiguous = path.Contains("//", StringComparison.Ordinal)
            || path.Contains('\\', StringComparison.Ordinal)
            || Escaped.Any(escaped => path.Contains(escaped, StringComparison.OrdinalIgnoreCase))
            || path.Split('/').Any(static segment => Uri.UnescapeDataString(segment) is "." or "..");
        if (path.StartsWith('/') && isAmbiguous)
        {
            throw RpcErrors.Invalid("path", "must not contain empty segments, '.', '..', backslashes, or escaped slashes");
        }
    }
}
