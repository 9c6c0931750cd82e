using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;
using Google.Rpc;

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
    /// <summary>Gets whether the time is up or the caller has canceled.</summary>
    public bool IsOver => deadline.Token.IsCancellationRequested;

    /// <summary>Converts the JSON of a response.</summary>
    public static GenerateContentResponse Read(JsonElement json)
    {
        var response = RestJson.Read<GenerateContentResponse>(json, inPieces: true);
        UsageCounts.Saturate(response.UsageMetadata);
        return response;
    }

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
        var access = await AccessAsync().ConfigureAwait(false);
        using var message = CreateMessage(access, continuationToken);
        var call = new ApiCall(new GeminiErrors(access.Secret), deadline, api.Options.MaxEventBytes, request.OnActivity);
        try
        {
            await call.SendAsync(client, message).ConfigureAwait(false);
            return call;
        }
        catch
        {
            await call.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<GeminiAccess> AccessAsync()
    {
        try
        {
            return await api.AccessAsync(request.Model, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw deadline.Explain(cancelled, _ => new ModelException(
                Code.Unavailable, ModelErrorReasons.Unavailable, "Couldn't obtain an access token for the server's Google credentials."));
        }
    }

    private HttpRequestMessage CreateMessage(GeminiAccess access, string? continuationToken)
    {
        var method = request.Stream ? "streamGenerateContent?alt=sse" : "generateContent";
        var message = new HttpRequestMessage(HttpMethod.Post, $"{access.ModelUrl}:{method}")
        {
            Content = new ReadOnlyMemoryContent(WriteBody(access, continuationToken)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in access.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        message.Headers.TryAddWithoutValidation("User-Agent", ProductHeader.Value);
        message.Headers.TryAddWithoutValidation("x-goog-api-client", ProductHeader.Value);
        if (timeout is { } limit)
        {
            var seconds = Math.Ceiling(limit.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            message.Headers.TryAddWithoutValidation("X-Server-Timeout", seconds);
        }

        return message;
    }

    private ReadOnlyMemory<byte> WriteBody(GeminiAccess access, string? continuationToken)
    {
        try
        {
            return GeminiRequestBody.Write(contents, GeminiConfig.ToSend(request.Config, access.Parent, api.IsVertex, continuationToken));
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException(
                Code.InvalidArgument, ModelErrorReasons.InvalidRequest, "A timestamp or duration is out of range.", null, exception);
        }
    }
}
