using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>The headers of the console's responses. The page can load only its own files and call only its own server, can't be framed, and can't parse text as HTML.</summary>
internal static class ConsoleHeaders
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>Adds the headers.</summary>
    public static void AddTo(IHeaderDictionary headers)
    {
        headers[HeaderNames.ContentSecurityPolicy] = ContentSecurityPolicy;
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        // After an upgrade of the server, all files are those of the new version.
        headers[HeaderNames.CacheControl] = "no-cache";
    }
}
