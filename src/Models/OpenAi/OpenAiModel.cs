using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A model with OpenAI's chat completions API, of any server.</summary>
internal sealed class OpenAiModel(OpenAiOptions options, IHttpClientFactory clients, TimeProvider time) : IChatModel, IIdentifiedModel
{
    /// <summary>The name of the HTTP client. Hosts can use it to configure a proxy or handlers.</summary>
    public const string HttpClientName = "GenAI.Chats.Models.OpenAi";

    private readonly Uri _url = new(
        $"{options.BaseUrl.AbsoluteUri.TrimEnd('/')}/chat/completions{(options.ApiVersion is { } version ? $"?api-version={version}" : "")}");

    /// <inheritdoc/>
    public ModelIdentity Identity { get; } = new(ModelIdentity.OpenAi, ModelIdentity.Chat, options.BaseUrl);

    /// <inheritdoc/>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        OpenAiRequestBody.Check(config, contents);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var ownTimeout = CallDeadline.LimitOf(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        using var message = CreateMessage(request, history);
        using var deadline = new CallDeadline(options.Timeout, ownTimeout, time, cancellationToken);
        using var client = clients.CreateClient(HttpClientName);
        var call = new ApiCall(new OpenAiErrors(options.Key), deadline, options.MaxEventBytes, request.OnActivity);
        await using (call.ConfigureAwait(false))
        {
            await call.SendAsync(client, message).ConfigureAwait(false);
            var responses = new OpenAiResponses(options.Source, options.MaxEventBytes);
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
                throw new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, "The model stream ended unexpectedly.");
            }

            if (responses.End() is { } rest)
            {
                yield return rest;
            }
        }
    }

    private HttpRequestMessage CreateMessage(ModelRequest request, IReadOnlyList<Content> history)
    {
        var hasKey = !string.IsNullOrEmpty(options.Key);
        if (!hasKey && options.BaseUrl == OpenAiOptions.DefaultBaseUrl)
        {
            throw new ModelException(
                Code.FailedPrecondition,
                ModelErrorReasons.Credentials,
                $"No API key is configured for model '{request.Model}'. Set OPENAI_API_KEY on the server, or Key on the model route.");
        }

        var message = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = new ReadOnlyMemoryContent(OpenAiRequestBody.Write(request, history, options)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.TryAddWithoutValidation("User-Agent", ProductHeader.Value);
        if (hasKey)
        {
            var (name, value) = options.KeyHeader is { } header ? (header, options.Key) : ("Authorization", $"Bearer {options.Key}");
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}
