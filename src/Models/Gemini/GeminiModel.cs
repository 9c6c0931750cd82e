using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// Gemini models, over the REST interface of one of Google's two APIs. An answer that the API gives in several responses, each going on
/// where a token of the last one says, is one answer here, unless the config turns <c>automatic_continuation</c> off.
/// </summary>
internal sealed class GeminiModel(GeminiApi api, IHttpClientFactory clients, TimeProvider time) : IChatModel, IIdentifiedModel
{
    /// <summary>The name of the HTTP client, for a host that wants to give it a proxy or handlers of its own.</summary>
    public const string HttpClientName = "GenAI.Chats.Models.Gemini";

    /// <inheritdoc/>
    public ModelIdentity Identity { get; } =
        new(api.IsVertex ? ModelIdentity.VertexAi : ModelIdentity.Gemini, ModelIdentity.GenerateContent, new Uri(api.BaseUrl));

    /// <inheritdoc/>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        GeminiRules.Check(config, contents, api.IsVertex);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        Check(request.Config, request.Contents);
        var ownTimeout = CallTimeout.Of(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        var timeout = ownTimeout < api.Options.Timeout ? ownTimeout.Value : api.Options.Timeout;
        using var deadline = new CallDeadline(timeout, time, cancellationToken);
        using var client = clients.CreateClient(HttpClientName);
        var caller = new GeminiCaller(api, client, request, GeminiHistory.ToSend(history, request, api.IsVertex), ownTimeout, deadline);
        var responses = (request.Stream, request.Config is not { HasAutomaticContinuation: true, AutomaticContinuation: false }) switch
        {
            (true, true) => new StreamContinuation(caller).ReadAsync(),
            (true, false) => ReadStreamAsync(caller),
            (false, true) => UnaryContinuation.ReadAsync(caller),
            (false, false) => ReadUnaryAsync(caller),
        };
        await foreach (var response in responses.ConfigureAwait(false))
        {
            yield return response;
        }
    }

    private static async IAsyncEnumerable<GenerateContentResponse> ReadUnaryAsync(GeminiCaller caller)
    {
        yield return await caller.AskAsync(null).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<GenerateContentResponse> ReadStreamAsync(GeminiCaller caller)
    {
        var call = await caller.OpenAsync(null).ConfigureAwait(false);
        await using (call.ConfigureAwait(false))
        {
            while (await call.ReadEventAsync(GeminiCaller.Read).ConfigureAwait(false) is { } response)
            {
                yield return response;
            }
        }
    }
}
