using Grpc.Core;

namespace GenAI.Chats.Api.Turns;

/// <summary>Writes to callers, who may go at any moment.</summary>
internal static class CallerWrites
{
    /// <summary>Writes a message.</summary>
    /// <exception cref="CallerGoneException">The call is over.</exception>
    public static Task SendAsync<T>(this IServerStreamWriter<T> stream, T message, ServerCallContext context) =>
        SentAsync(stream.WriteAsync(message, context.CancellationToken));

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
