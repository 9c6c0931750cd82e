using System.Buffers;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Gemini;

/// <summary>One call of the API: its connection, its deadline, and what came wrong of it.</summary>
internal sealed class GeminiCall : IAsyncDisposable
{
    private const int MaxErrorBytes = 1024 * 1024;
    private const int PieceBytes = 16 * 1024;

    private readonly GeminiOptions _options;
    private readonly GeminiErrors _errors;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;
    private CancellationTokenRegistration _closing;
    private HttpResponseMessage? _response;
    private Stream? _body;
    private SseReader? _events;

    public GeminiCall(GeminiOptions options, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        _options = options;
        _errors = new GeminiErrors(options.Key);
        _caller = cancellationToken;
        _timeout = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timeout.Token);
    }

    /// <summary>Sends the request and waits until its response begins.</summary>
    public Task SendAsync(HttpClient client, HttpRequestMessage request, TimeProvider time) => GuardAsync(async () =>
    {
        _response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _either.Token).ConfigureAwait(false);
        // Between two reads nobody looks at the token: the connection must not wait for the next one.
        _closing = _either.Token.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), _response);
        _body = await _response.Content.ReadAsStreamAsync(_either.Token).ConfigureAwait(false);
        if (!_response.IsSuccessStatusCode)
        {
            var body = await ReadToEndAsync(_body, MaxErrorBytes, cut: true).ConfigureAwait(false);
            throw _errors.FromBody(_response.StatusCode, _response.ReasonPhrase, body, RetryAfter(_response, time));
        }

        return true;
    });

    /// <summary>Reads the response of a unary call.</summary>
    public Task<GenerateContentResponse> ReadResponseAsync() => GuardAsync(async () =>
        Parse(await ReadToEndAsync(_body!, _options.MaxEventBytes, cut: false).ConfigureAwait(false)));

    /// <summary>Reads the next response of a stream; null at its end.</summary>
    public Task<GenerateContentResponse?> ReadEventAsync() => GuardAsync(async () =>
    {
        _events ??= new SseReader(_body!, _options.MaxEventBytes);
        while (await _events.ReadAsync(_either.Token).ConfigureAwait(false) is { } data)
        {
            // Some proxies end a stream with it.
            if (!data.Span.SequenceEqual("[DONE]"u8))
            {
                return Parse(data);
            }
        }

        return null;
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.DisposeAsync().ConfigureAwait(false);
        _events?.Dispose();
        _response?.Dispose();
        _either.Dispose();
        _timeout.Dispose();
    }

    private GenerateContentResponse Parse(ReadOnlyMemory<byte> json)
    {
        using var document = RestJson.Parse(json);
        return GeminiErrors.TryGetError(document.RootElement, out var error)
            ? throw _errors.FromError(error, (int)_response!.StatusCode)
            : RestJson.Read<GenerateContentResponse>(document.RootElement);
    }

    private async Task<T> GuardAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ModelException)
        {
            // A cancelled call may end in any exception, as its connection is closed under it.
            _caller.ThrowIfCancellationRequested();
            var (code, reason, message) = Describe(exception);
            throw new ModelException(code, reason, message, null, exception);
        }
    }

    private (Code Code, string Reason, string Message) Describe(Exception exception) => exception switch
    {
        _ when _timeout.IsCancellationRequested =>
            (Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model took longer than a call may take."),
        JsonException =>
            (Code.Unavailable, ModelErrorReasons.MalformedResponse, "The model's response is no valid JSON, or breaks off."),
        InvalidDataException =>
            (Code.Internal, ModelErrorReasons.ResponseTooLarge, $"The model's response has a piece beyond {_options.MaxEventBytes} bytes."),
        _ => (Code.Unavailable, ModelErrorReasons.Unavailable, "The connection to the model failed."),
    };

    private async Task<ReadOnlyMemory<byte>> ReadToEndAsync(Stream body, int limit, bool cut)
    {
        var buffer = new ArrayBufferWriter<byte>();
        int read;
        while ((read = await body.ReadAsync(buffer.GetMemory(PieceBytes), _either.Token).ConfigureAwait(false)) > 0)
        {
            if (read > limit - buffer.WrittenCount)
            {
                return cut ? buffer.WrittenMemory : throw new InvalidDataException($"The body is larger than {limit} bytes.");
            }

            buffer.Advance(read);
        }

        return buffer.WrittenMemory;
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var header = response.Headers.RetryAfter;
        var delay = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay;
    }
}
