using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Makes the requests of one call of a model, of which there are several where an answer is continued.</summary>
/// <param name="api">The API.</param>
/// <param name="client">Its connections.</param>
/// <param name="request">What is asked.</param>
/// <param name="contents">The history and the turn's contents, as they are sent.</param>
/// <param name="timeout">What the API is told of the time that it has; null: nothing.</param>
/// <param name="deadline">When all of the requests have to be done.</param>
internal sealed class GeminiCaller(
    GeminiApi api, HttpClient client, ModelRequest request, IReadOnlyList<Content> contents, TimeSpan? timeout, CallDeadline deadline)
{
    /// <summary>Whether the time is up, or the caller has given up.</summary>
    public bool IsOver => deadline.Token.IsCancellationRequested;

    /// <summary>Makes a response of its JSON.</summary>
    public static GenerateContentResponse Read(JsonElement json)
    {
        var response = RestJson.Read<GenerateContentResponse>(json, inPieces: true);
        UsageCounts.Saturate(response.UsageMetadata);
        return response;
    }

    /// <summary>Makes a unary request.</summary>
    /// <param name="continuationToken">Where the answer goes on; null: as the config has it.</param>
    public async Task<GenerateContentResponse> AskAsync(string? continuationToken)
    {
        var call = await OpenAsync(continuationToken).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
        {
            return await call.ReadBodyAsync(Read).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a request, and waits until its response begins. The call is the caller's to dispose of.</summary>
    /// <param name="continuationToken">Where the answer goes on; null: as the config has it.</param>
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
                Code.Unavailable, ModelErrorReasons.Unavailable, "The server got no token for its Google credentials."));
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
                Code.InvalidArgument, ModelErrorReasons.InvalidRequest, "A timestamp or a duration is out of its range.", null, exception);
        }
    }
}
