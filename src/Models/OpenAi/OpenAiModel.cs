using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A model with OpenAI's chat completions API, of any server.</summary>
/// <param name="target">The settings, as <see cref="OpenAiEnvironment"/> completed them.</param>
/// <param name="clients">Creates HTTP clients.</param>
/// <param name="time">The clock.</param>
internal sealed class OpenAiModel(ModelTarget target, IHttpClientFactory clients, TimeProvider time) : IChatModel, IIdentifiedModel
{
    /// <summary>The name of the HTTP client. Hosts can use it to configure a proxy or handlers.</summary>
    public const string HttpClientName = "GenAI.Chats.Models.OpenAi";

    private const int MaxEventBytes = 64 * 1024 * 1024;

    private readonly OpenAiServer _server = new(target.BaseUrl!);

    /// <inheritdoc/>
    public ModelIdentity Identity { get; } = new(ModelIdentity.OpenAi, ModelIdentity.Chat, target.BaseUrl);

    /// <inheritdoc/>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents) => OpenAiRequestBody.Check(config, contents);

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ownTimeout = CallDeadline.LimitOf(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        var headers = HeadersOf(request.Model);
        var body = OpenAiRequestBody.Write(request, history, _server);
        var url = $"{_server.Url.AbsoluteUri.TrimEnd('/')}/chat/completions{(target.ApiVersion is { } version ? $"?api-version={version}" : "")}";
        using var deadline = new CallDeadline(target.TimeLimit, ownTimeout, time, cancellationToken);
        using var client = clients.CreateClient(HttpClientName);
        var call = new ApiCall(new OpenAiErrors(target.Key), deadline, MaxEventBytes, request.OnActivity);
        await using (call.ConfigureAwait(false))
        {
            await call.SendAsync(client, url, body, headers).ConfigureAwait(false);
            var responses = new OpenAiResponses(_server.Source, MaxEventBytes);
            if (!request.Stream)
            {
                yield return await call.ReadBodyAsync(responses.Read).ConfigureAwait(false);
                yield break;
            }

            while (await call.ReadEventAsync(responses.Read).ConfigureAwait(false) is { } chunk)
            {
                if (!OpenAiResponses.IsEmpty(chunk))
                {
                    yield return chunk;
                }
            }

            // The API marks the end of a stream. Some compatible servers don't.
            if (!call.IsDone && !responses.IsFinished)
            {
                throw new ModelException(ModelErrorReasons.Unavailable, "The model stream ended unexpectedly.");
            }

            if (responses.End() is { } rest)
            {
                yield return rest;
            }
        }
    }

    private IEnumerable<KeyValuePair<string, string>> HeadersOf(string model)
    {
        if (!string.IsNullOrEmpty(target.Key))
        {
            return [target.KeyHeader is { } header ? new(header, target.Key) : new("Authorization", $"Bearer {target.Key}")];
        }

        return target.BaseUrl != OpenAiServer.DefaultUrl ? [] : throw new ModelException(
            ModelErrorReasons.Credentials,
            $"No API key is configured for model '{model}'. Set OPENAI_API_KEY on the server, or Key on the model route.");
    }
}
