using GenAI.Chats.Api.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace GenAI.Chats.Api.Turns;

/// <summary>Writes to clients, which can disconnect at any time, or stay connected without reading.</summary>
internal sealed class CallerWrites(IOptions<ApiOptions> options, TimeProvider time)
{
    // The maximum amount of data that waits in memory for a slow client.
    private const int MaxBytesTogether = 64 * 1024;

    // HTTP/2's REFUSED_STREAM, which gRPC clients report as UNAVAILABLE. A status would wait behind the data that the client doesn't read.
    private const int RefusedStream = 0x7;

    private static readonly WriteOptions MoreFollow = new(WriteFlags.BufferHint);

    /// <summary>Writes encoded messages, and sends about 64 KiB at a time.</summary>
    /// <exception cref="CallerGoneException">The client has disconnected.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: the client doesn't read. The call has ended.</exception>
    public async Task SendAsync(IServerStreamWriter<byte[]> stream, IReadOnlyList<byte[]> messages, ServerCallContext context)
    {
        var bytes = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            bytes += messages[i].Length;
            var flush = i == messages.Count - 1 || bytes >= MaxBytesTogether;
            bytes = flush ? 0 : bytes;
            stream.WriteOptions = flush ? null : MoreFollow;
            var write = stream.WriteAsync(messages[i], context.CancellationToken);
            try
            {
                await SentAsync(write.IsCompleted ? write : write.WaitAsync(options.Value.StallTimeout, time));
            }
            catch (TimeoutException)
            {
                if (End(context.GetHttpContext()))
                {
                    // The write ends with the call, which must not end earlier.
                    await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                throw RpcErrors.Stalled(options.Value.StallTimeout);
            }
        }
    }

    // HTTP/1.1 has no streams to reset, so the connection ends. Returns false if the call has neither: it isn't one of a web server.
    private static bool End(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol))
        {
            http.Abort();
            return true;
        }

        var reset = http.Features.Get<IHttpResetFeature>();
        reset?.Reset(RefusedStream);
        return reset is not null;
    }

    /// <summary>Writes the initial metadata.</summary>
    /// <exception cref="CallerGoneException">The client has disconnected.</exception>
    public static Task SendHeadersAsync(ServerCallContext context, Metadata headers) => SentAsync(context.WriteResponseHeadersAsync(headers));

    // The web server closes a call's output before it cancels the call's token. In between, writes throw InvalidOperationException.
    private static async Task SentAsync(Task write)
    {
        try
        {
            await write;
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            throw new CallerGoneException(failure);
        }
    }
}
