using System.Net.Http.Headers;

namespace GenAI.Chats.Models.Http;

/// <summary>A request to a model API, including its connection and its failures.</summary>
/// <param name="errors">Creates exceptions from the API's errors.</param>
/// <param name="deadline">The time limit of the call. The caller disposes it.</param>
/// <param name="maxBytes">The maximum size of a body, or of one event of a stream.</param>
/// <param name="onActivity">A callback for arriving data.</param>
internal sealed class ApiCall(ApiErrors errors, CallDeadline deadline, int maxBytes, Action? onActivity = null) : IAsyncDisposable
{
    /// <summary>The product name of this service in requests, for <c>User-Agent</c> and similar headers.</summary>
    public static readonly string Product =
        $"genai-orleans/{typeof(ApiCall).Assembly.GetName().Version?.ToString(3)} gl-dotnet/{Environment.Version}";

    private const int MaxErrorBytes = 1024 * 1024;

    private CancellationTokenRegistration _closing;
    private HttpResponseMessage? _response;
    private SseReader? _events;
    private bool _hadEvent;

    /// <summary>Gets whether the stream ended with <c>[DONE]</c>, not only with its connection.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Sends the request and waits for the response headers.</summary>
    /// <param name="client">The HTTP client.</param>
    /// <param name="url">The URL.</param>
    /// <param name="json">The body.</param>
    /// <param name="headers">Further headers, with the credentials.</param>
    public Task SendAsync(
        HttpClient client, string url, ReadOnlyMemory<byte> json, IEnumerable<KeyValuePair<string, string>> headers) => GuardAsync(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(json) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers.Prepend(new("User-Agent", Product)))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
        onActivity?.Invoke();
        // Between reads nothing observes the token, and the connection must not wait for the next read.
        _closing = deadline.Token.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), _response);
        return _response.IsSuccessStatusCode
            ? true
            : throw errors.FromResponse(_response, await ReadErrorAsync().ConfigureAwait(false), deadline.Time.GetUtcNow());
    });

    /// <summary>Reads the response of a unary call.</summary>
    /// <param name="read">Converts the JSON, which is only valid during the call.</param>
    public Task<T> ReadBodyAsync<T>(Func<JsonElement, T> read) => GuardAsync(async () =>
        Parse(await ReadToEndAsync(maxBytes).ConfigureAwait(false), isTorn: false, read));

    /// <summary>Reads the next event of a stream. Returns null at the end.</summary>
    /// <param name="read">Converts the event's JSON, which is only valid during the call.</param>
    public Task<T?> ReadEventAsync<T>(Func<JsonElement, T> read)
        where T : class => GuardAsync<T?>(async () =>
    {
        // The page of a proxy with status 200: all its lines would be ignored.
        if (_response!.Content.Headers.ContentType?.MediaType == "text/html")
        {
            throw NotAStream();
        }

        _events ??= new SseReader(await _response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false), maxBytes, onActivity);
        while (!IsDone && await _events.ReadAsync(deadline.Token).ConfigureAwait(false) is { } data)
        {
            IsDone = data.Span.SequenceEqual("[DONE]"u8);
            if (!IsDone)
            {
                _hadEvent = true;
                return Parse(data, _events.IsTorn, read);
            }
        }

        return _hadEvent || IsDone || !_events.HasForeignLines ? null : throw NotAStream();
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.DisposeAsync().ConfigureAwait(false);
        _response?.Dispose();
    }

    private static ModelException NotAStream() =>
        new(Code.Unavailable, ModelErrorReasons.MalformedResponse, "The response isn't a stream of the model API.");

    private T Parse<T>(ReadOnlyMemory<byte> json, bool isTorn, Func<JsonElement, T> read)
    {
        try
        {
            using var document = RestJson.Parse(json);
            return errors.TryGetError(document.RootElement, out var error)
                ? throw errors.FromError(error, (int)_response!.StatusCode)
                : read(document.RootElement);
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException && !isTorn && IsObject(json.Span))
        {
            // The model's content is the problem, and can be the same again. It says nothing about the health of the API.
            var why = exception is UnreadableJsonException ? exception.Message : "It isn't valid JSON, or is nested too deeply.";
            throw new ModelException(ModelErrorReasons.MalformedResponse, $"The model's response can't be read. {why}", exception);
        }
    }

    // Complete, and not a proxy's page or text: the model's response.
    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        var trimmed = json.Trim(" \t\r\n"u8);
        return trimmed.StartsWith("{"u8) && trimmed.EndsWith("}"u8);
    }

    private Task<T> GuardAsync<T>(Func<Task<T>> step) => deadline.GuardAsync(step, exception => exception switch
    {
        JsonException => new ModelException(
            Code.Unavailable, ModelErrorReasons.MalformedResponse, "The model's response isn't valid JSON, or is incomplete.", null, exception),
        InvalidDataException or HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new ModelException(
            ModelErrorReasons.ResponseTooLarge, $"The model response exceeds the limit of {maxBytes} bytes.", exception),
        _ => ConnectionFailure.Unavailable("The connection to the model failed", exception),
    });

    private async Task<byte[]> ReadToEndAsync(int limit)
    {
        await _response!.Content.LoadIntoBufferAsync(limit, deadline.Token).ConfigureAwait(false);
        return await _response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
    }

    private async Task<byte[]> ReadErrorAsync()
    {
        try
        {
            return await ReadToEndAsync(MaxErrorBytes).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            // The status is enough.
            return [];
        }
    }
}
