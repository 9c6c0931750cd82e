using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Telemetry;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// A Gemini model, with the REST interface of one of Google's two APIs. If the API splits a response and provides continuation tokens, the parts are
/// merged into one response, unless the config disables <c>automatic_continuation</c>.
/// </summary>
internal sealed class GeminiModel(GeminiApi api, IHttpClientFactory clients, TimeProvider time) : IChatModel, IIdentifiedModel
{
    /// <summary>The name of the HTTP client. Hosts can use it to configure a proxy or handlers.</summary>
    public const string HttpClientName = "GenAI.Chats.Models.Gemini";

    /// <inheritdoc/>
    public ModelIdentity Identity { get; } =
        new(api.IsVertex ? ModelIdentity.VertexAi : ModelIdentity.Gemini, ModelIdentity.GenerateContent, new Uri(api.BaseUrl));

    /// <inheritdoc/>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents) => GeminiRules.Check(config, contents, api.IsVertex);

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Check(request.Config, request.Contents);
        var ownTimeout = CallDeadline.LimitOf(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        using var deadline = new CallDeadline(api.TimeLimit, ownTimeout, time, cancellationToken);
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
