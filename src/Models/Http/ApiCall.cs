using System.Buffers;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>A request to a model API, including its connection and its failures.</summary>
/// <param name="errors">Creates exceptions from the API's errors.</param>
/// <param name="deadline">The time limit of the call. The caller disposes it.</param>
/// <param name="maxBytes">The maximum size of a body, or of one event of a stream.</param>
/// <param name="onActivity">A callback for arriving data.</param>
internal sealed class ApiCall(ApiErrors errors, CallDeadline deadline, int maxBytes, Action? onActivity = null) : IAsyncDisposable
{
    private const int MaxErrorBytes = 1024 * 1024;
    private const int PieceBytes = 16 * 1024;

    private CancellationTokenRegistration _closing;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private SseReader? _events;
    private bool _hadEvent;

    /// <summary>Gets whether the stream ended with <c>[DONE]</c>, not only with its connection.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Sends the request and waits for the response headers.</summary>
    public Task SendAsync(HttpClient client, HttpRequestMessage request) => GuardAsync(async () =>
    {
        _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
        onActivity?.Invoke();
        // Between reads nothing observes the token, and the connection must not wait for the next read.
        _closing = deadline.Token.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), _response);
        _body = await _response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        if (!_response.IsSuccessStatusCode)
        {
            var body = await ReadToEndAsync(_body, MaxErrorBytes, cut: true).ConfigureAwait(false);
            throw errors.FromResponse(_response, body, deadline.Time.GetUtcNow());
        }

        return true;
    });

    /// <summary>Reads the response of a unary call.</summary>
    /// <param name="read">Converts the JSON, which is only valid during the call.</param>
    public Task<T> ReadBodyAsync<T>(Func<JsonElement, T> read) => GuardAsync(async () =>
        Parse(await ReadToEndAsync(_body!, maxBytes, cut: false).ConfigureAwait(false), isTorn: false, read));

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

        _events ??= new SseReader(_body!, maxBytes, onActivity);
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
        _events?.Dispose();
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
            throw Unreadable(exception);
        }
    }

    // Complete, and not a proxy's page or text: the model's response.
    private static bool IsObject(ReadOnlySpan<byte> json)
    {
        var trimmed = json.Trim(" \t\r\n"u8);
        return trimmed.StartsWith("{"u8) && trimmed.EndsWith("}"u8);
    }

    // The model's content is the problem, and can be the same again. It says nothing about the health of the API.
    private static ModelException Unreadable(Exception exception)
    {
        var why = exception is UnreadableJsonException ? exception.Message : "It isn't valid JSON, or is nested too deeply.";
        return new ModelException(
            Code.Internal, ModelErrorReasons.MalformedResponse, $"The model's response can't be read. {why}", null, exception);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ModelException)
        {
            throw deadline.Explain(exception, Describe);
        }
    }

    private ModelException Describe(Exception exception) => exception switch
    {
        JsonException => new ModelException(
            Code.Unavailable,
            ModelErrorReasons.MalformedResponse,
            "The model's response isn't valid JSON, or is incomplete.",
            null,
            exception),
        InvalidDataException => new ModelException(
            Code.Internal,
            ModelErrorReasons.ResponseTooLarge,
            $"The model response exceeds the limit of {maxBytes} bytes.",
            null,
            exception),
        _ => ConnectionFailure.Unavailable("The connection to the model failed", exception),
    };

    private async Task<ReadOnlyMemory<byte>> ReadToEndAsync(Stream body, int limit, bool cut)
    {
        var buffer = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await body.ReadAsync(buffer.GetMemory(PieceBytes), deadline.Token).ConfigureAwait(false)) > 0)
        {
            if (read > limit - buffer.WrittenCount)
            {
                return cut ? buffer.WrittenMemory : throw new InvalidDataException($"The body is larger than {limit} bytes.");
            }

            buffer.Advance(read);
        }

        return buffer.WrittenMemory;
    }
}
