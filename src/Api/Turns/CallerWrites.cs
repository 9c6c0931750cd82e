using Grpc.Core;

namespace GenAI.Chats.Api.Turns;

/// <summary>Writes to callers, who may go at any moment.</summary>
internal static class CallerWrites
{
    private static readonly WriteOptions MoreFollow = new(WriteFlags.BufferHint);

    /// <summary>Writes messages that are there at once: they leave together.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    public static async Task SendAsync<T>(this IServerStreamWriter<T> stream, IReadOnlyList<T> messages, ServerCallContext context)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            stream.WriteOptions = i < messages.Count - 1 ? MoreFollow : null;
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
