using Google.Protobuf;
using Grpc.Core;

namespace GenAI.Chats.Api.Turns;

/// <summary>Writes to callers, who may go at any moment.</summary>
internal static class CallerWrites
{
    private static readonly WriteOptions MoreFollow = new(WriteFlags.BufferHint);

    // For a slow caller this much waits in memory.
    private const int MaxBytesTogether = 64 * 1024;

    /// <summary>Writes messages that are there at once: they leave together, about 64 KiB at a time.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    public static async Task SendAsync<T>(this IServerStreamWriter<T> stream, IReadOnlyList<T> messages, ServerCallContext context)
        where T : IMessage
    {
        var bytes = 0;
        for (var i = 0; i < messages.Count; i++)
        {
            bytes += messages[i].CalculateSize();
            var leave = i == messages.Count - 1 || bytes >= MaxBytesTogether;
            bytes = leave ? 0 : bytes;
            stream.WriteOptions = leave ? null : MoreFollow;
            await SentAsync(stream.WriteAsync(messages[i], context.CancellationToken));
        }
    }

    /// <summary>Writes the initial metadata.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    public static Task SendHeadersAsync(this ServerCallContext context, Metadata headers) =>
        SentAsync(context.WriteResponseHeadersAsync(headers));

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
