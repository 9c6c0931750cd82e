using System.Globalization;
using GenAI.Chats.Models.Http;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Sends the requests of a model call. A continued response takes several requests.</summary>
/// <param name="api">The API.</param>
/// <param name="client">The HTTP client.</param>
/// <param name="request">The model request.</param>
/// <param name="contents">The contents to send: the history and the turn's own.</param>
/// <param name="timeout">The timeout to send to the API. If null, none is sent.</param>
/// <param name="deadline">The time limit for all requests together.</param>
internal sealed class GeminiCaller(
    GeminiApi api, HttpClient client, ModelRequest request, IReadOnlyList<Content> contents, TimeSpan? timeout, CallDeadline deadline)
{
    // Events can contain generated media. The Go SDK has the same limit.
    private const int MaxEventBytes = 256 * 1024 * 1024;

    /// <summary>Gets whether the time is up or the caller has canceled.</summary>
    public bool IsOver => deadline.Token.IsCancellationRequested;

    /// <summary>Converts the JSON of a response.</summary>
    public static GenerateContentResponse Read(JsonElement json) => RestJson.Read<GenerateContentResponse>(json, isResponse: true);

    /// <summary>Sends a unary request.</summary>
    /// <param name="continuationToken">The token from which the response continues. If null, the one of the config.</param>
    public async Task<GenerateContentResponse> AskAsync(string? continuationToken)
    {
        var call = await OpenAsync(continuationToken).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
        {
            return await call.ReadBodyAsync(Read).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request and waits for the response headers. The caller disposes the call.</summary>
    /// <param name="continuationToken">The token from which the response continues. If null, the one of the config.</param>
    public async Task<ApiCall> OpenAsync(string? continuationToken)
    {
        var access = await deadline.GuardAsync(
            () => api.AccessAsync(request.Model, deadline.Token).AsTask(), _ => GoogleCredentials.Unreachable(null)).ConfigureAwait(false);
        var method = request.Stream ? "streamGenerateContent?alt=sse" : "generateContent";
        var body = GeminiRequestBody.Write(contents, GeminiConfig.ToSend(request.Config, access.Parent, api.IsVertex, continuationToken));
        var call = new ApiCall(new GeminiErrors(access.Secret), deadline, MaxEventBytes, request.OnActivity);
        try
        {
            await call.SendAsync(client, $"{access.ModelUrl}:{method}", body, HeadersOf(access)).ConfigureAwait(false);
            return call;
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private IEnumerable<KeyValuePair<string, string>> HeadersOf(GeminiAccess access)
    {
        IEnumerable<KeyValuePair<string, string>> headers = [.. access.Headers, new("x-goog-api-client", ApiCall.Product)];
        return timeout is { } limit
            ? headers.Append(new("X-Server-Timeout", Math.Ceiling(limit.TotalSeconds).ToString(CultureInfo.InvariantCulture)))
            : headers;
    }
}
