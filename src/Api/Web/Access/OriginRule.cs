using GenAI.Chats.Api.Configuration;

namespace GenAI.Chats.Api.Web.Access;

/// <summary>
/// Rejects requests of web pages from other origins that could change something. A browser asks the server first if a request has a JSON body, but not if it has no
/// body, and without authentication, every page could otherwise use a server that its reader can reach.
/// </summary>
internal sealed class OriginRule(IOptions<ApiOptions> options)
{
    private const string FetchSite = "Sec-Fetch-Site";

    private readonly HashSet<string> _allowed = new(options.Value.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Checks a request.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED: the request is from a page of another origin.</exception>
    public void Check(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsAllowed(request))
        {
            return;
        }

        throw RpcErrors.Denied("ORIGIN_REJECTED", $"Requests of web pages from the origin '{request.Headers.Origin}' aren't allowed.");
    }

    private bool IsAllowed(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (_allowed.Contains("*") || _allowed.Contains(origin))
        {
            return true;
        }

        // Browsers send it to https and localhost. Proxies that change the host don't matter then.
        return request.Headers[FetchSite].ToString() switch
        {
            "" => origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && string.Equals(url.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)),
            "same-origin" or "none" => true,
            _ => false,
        };
    }
}
