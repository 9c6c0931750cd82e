using GenAI.Chats.Api.Errors;
using GenAI.Chats.Api.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Turns;

/// <summary>Writes to callers, who may go at any moment, or stay and take nothing.</summary>
internal sealed class CallerWrites(IOptions<ApiOptions> options, TimeProvider time)
{
    // For a slow caller this much waits in memory.
    private const int MaxBytesTogether = 64 * 1024;

    // HTTP/2's REFUSED_STREAM, which gRPC's clients take for UNAVAILABLE. A status would wait behind what the caller doesn't take.
    private const int RefusedStream = 0x7;

    private static readonly WriteOptions MoreFollow = new(WriteFlags.BufferHint);

    /// <summary>Writes encoded messages that are there at once: they leave together, about 64 KiB at a time.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    /// <exception cref="RpcException">UNAVAILABLE: the caller takes nothing. The call has ended.</exception>
    public async Task SendAsync(IServerStreamWriter<byte[]> stream, IReadOnlyList<byte[]> messages, ServerCallContext context)
    {
        var bytes = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            bytes += messages[i].Length;
            var leave = i == messages.Count - 1 || bytes >= MaxBytesTogether;
            bytes = leave ? 0 : bytes;
            stream.WriteOptions = leave ? null : MoreFollow;
            var write = stream.WriteAsync(messages[i], context.CancellationToken);
            try
            {
                await SentAsync(write.IsCompleted ? write : write.WaitAsync(options.Value.StallTimeout, time));
            }
            catch (TimeoutException)
            {
                if (context.GetHttpContext().Features.Get<IHttpResetFeature>() is { } reset)
                {
                    reset.Reset(RefusedStream);

                    // It ends with the reset. The call must not end before it does.
                    await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                throw RpcErrors.Stalled(options.Value.StallTimeout);
            }
        }
    }

    /// <summary>Writes the initial metadata.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    public static Task SendHeadersAsync(ServerCallContext context, Metadata headers) => SentAsync(context.WriteResponseHeadersAsync(headers));

    // The web server ends a call's output before it cancels the call's token. In between a write fails like a misuse.
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
