using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;

namespace GenAI.Chats.Api.Web.Streams;

/// <summary>
/// A response that is a stream of events. While nothing happens, it sends comments, so that proxies don't close the connection, and connections of clients that
/// vanished end. Writes wait for slow clients, so a stream holds only what it's sending.
/// </summary>
internal sealed class StreamResponse : IAsyncDisposable
{
    /// <summary>The time without data after which a comment is sent.</summary>
    public static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    private readonly HttpContext _http;
    private readonly StreamFormat _format;
    private readonly SemaphoreSlim _lock = new(1, 1);
    private readonly ITimer _keepAlive;
    private bool _isOver;

    /// <summary>Creates the response. It starts with the first event, with <see cref="StartAsync"/>, or when it has been silent for <see cref="KeepAliveInterval"/>.</summary>
    public StreamResponse(HttpContext http, StreamFormat format, TimeProvider time)
    {
        (_http, _format) = (http, format);
        _keepAlive = time.CreateTimer(static response => ((StreamResponse)response!).KeepAlive(), this, KeepAliveInterval, KeepAliveInterval);
    }

    /// <summary>Gets whether the status and the headers were written.</summary>
    public bool HasStarted { get; private set; }

    private PipeWriter Output => _http.Response.BodyWriter;

    /// <summary>Sends the headers.</summary>
    /// <param name="headers">More headers.</param>
    public Task StartAsync(params IEnumerable<(string Name, string Value)> headers)
    {
        foreach (var (name, value) in headers)
        {
            _http.Response.Headers[name] = value;
        }

        return WriteAsync(static _ => { }, flush: true, _http.RequestAborted);
    }

    /// <summary>Sends an event.</summary>
    /// <param name="next">The event.</param>
    /// <param name="flush">Whether to send it now. If false, it is sent with the next one.</param>
    /// <param name="cancellationToken">Ends the wait for a slow client.</param>
    /// <exception cref="IOException">The client has disconnected.</exception>
    public Task WriteAsync(ServerSentEvent next, bool flush, CancellationToken cancellationToken) =>
        WriteAsync(output => StreamFrames.Write(output, _format, next), flush, cancellationToken);

    /// <summary>Ends the response. Nothing is written after it, unless <see cref="HasStarted"/> is false: then any response can be written.</summary>
    public async ValueTask DisposeAsync()
    {
        await _keepAlive.DisposeAsync();
        await _lock.WaitAsync();
        _isOver = true;
        _lock.Release();
    }

    private async Task WriteAsync(Action<IBufferWriter<byte>> write, bool flush, CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            await WriteLockedAsync(write, flush, cancellationToken);
        }
        finally
        {
            _lock.Release();
        }
    }

    private async Task WriteLockedAsync(Action<IBufferWriter<byte>> write, bool flush, CancellationToken cancellationToken)
    {
        if (_isOver)
        {
            return;
        }

        Begin();
        write(Output);
        if (!flush)
        {
            return;
        }

        if ((await Output.FlushAsync(cancellationToken)).IsCompleted)
        {
            throw new IOException("The client has disconnected.");
        }

        _keepAlive.Change(KeepAliveInterval, KeepAliveInterval);
    }

    private void Begin()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        var response = _http.Response;
        response.ContentType = StreamFrames.ContentType(_format);
        response.Headers[HeaderNames.CacheControl] = "no-store, no-transform";
        response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";

        // Nginx would collect the events.
        response.Headers["X-Accel-Buffering"] = "no";
        StreamFrames.Begin(Output, _format);
    }

    // While a write is in progress, no comment is needed.
    private void KeepAlive()
    {
        if (_lock.Wait(0))
        {
            _ = KeepAliveLockedAsync();
        }
    }

    private async Task KeepAliveLockedAsync()
    {
        try
        {
            await WriteLockedAsync(output => StreamFrames.WriteComment(output, _format), flush: true, _http.RequestAborted);
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The call ends with its token.
        }
        finally
        {
            _lock.Release();
        }
    }
}
