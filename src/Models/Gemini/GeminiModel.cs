using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Models of the Gemini Developer API, over REST.</summary>
internal sealed class GeminiModel(GeminiOptions options, IHttpClientFactory clients, TimeProvider time) : IChatModel
{
    /// <summary>The name of the HTTP client, for a host that wants to give it a proxy or handlers of its own.</summary>
    public const string HttpClientName = "GenAI.Chats.Models.Gemini";

    private static readonly string Product =
        $"genai-orleans/{typeof(GeminiModel).Assembly.GetName().Version?.ToString(3)} gl-dotnet/{Environment.Version}";

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var ownTimeout = TimeoutOf(request.Config);
        var history = await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        using var message = CreateMessage(request, history, ownTimeout);
        var timeout = ownTimeout < options.Timeout ? ownTimeout.Value : options.Timeout;
        var call = new GeminiCall(options, timeout, time, cancellationToken);
        await using (call.ConfigureAwait(false))
        {
            using var client = clients.CreateClient(HttpClientName);
            await call.SendAsync(client, message, time).ConfigureAwait(false);
            if (!request.Stream)
            {
                yield return await call.ReadResponseAsync().ConfigureAwait(false);
                yield break;
            }

            while (await call.ReadEventAsync().ConfigureAwait(false) is { } response)
            {
                yield return response;
            }
        }
    }

    private HttpRequestMessage CreateMessage(ModelRequest request, IReadOnlyList<Content> history, TimeSpan? timeout)
    {
        if (string.IsNullOrEmpty(options.Key))
        {
            throw new ModelException(
                Code.FailedPrecondition,
                ModelErrorReasons.Credentials,
                $"Model '{request.Model}' needs a key: set GOOGLE_API_KEY or GEMINI_API_KEY on the server, or its route's Key.");
        }

        var message = new HttpRequestMessage(HttpMethod.Post, GeminiEndpoint.Of(options, request.Model, request.Stream))
        {
            Content = new ReadOnlyMemoryContent(WriteBody(request, history)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.TryAddWithoutValidation("x-goog-api-key", options.Key);
        message.Headers.TryAddWithoutValidation("User-Agent", Product);
        message.Headers.TryAddWithoutValidation("x-goog-api-client", Product);
        if (timeout is { } limit)
        {
            var seconds = Math.Ceiling(limit.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            message.Headers.TryAddWithoutValidation("X-Server-Timeout", seconds);
        }

        return message;
    }

    private static ReadOnlyMemory<byte> WriteBody(ModelRequest request, IReadOnlyList<Content> history)
    {
        try
        {
            return GeminiRequestBody.Write(history.Concat(request.Contents), request.Config);
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException(
                Code.InvalidArgument, ModelErrorReasons.InvalidRequest, "A timestamp or a duration is out of its range.", null, exception);
        }
    }

    private static TimeSpan? TimeoutOf(GenerateContentConfig? config) => config?.HttpOptions switch
    {
        { HasTimeout: true, Timeout: > 0 and var milliseconds } => TimeSpan.FromMilliseconds(milliseconds),
        { HasTimeout: true, Timeout: var milliseconds } => throw new ModelException(
            Code.InvalidArgument,
            ModelErrorReasons.InvalidRequest,
            $"config.http_options.timeout is {milliseconds}: it must be more than 0 milliseconds."),
        _ => null,
    };
}
