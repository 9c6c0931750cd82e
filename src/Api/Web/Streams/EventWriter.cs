namespace GenAI.Chats.Api.Web.Streams;

/// <summary>Writes the service's encoded events to a stream response.</summary>
/// <param name="response">The response.</param>
/// <param name="convert">Converts an event. Null: the client doesn't get it.</param>
internal sealed class EventWriter(StreamResponse response, Func<byte[], ServerSentEvent?> convert) : IServerStreamWriter<byte[]>
{
    /// <inheritdoc/>
    public WriteOptions? WriteOptions { get; set; }

    /// <inheritdoc/>
    public Task WriteAsync(byte[] message) => WriteAsync(message, CancellationToken.None);

    /// <inheritdoc/>
    public Task WriteAsync(byte[] message, CancellationToken cancellationToken)
    {
        var flush = WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true;
        return convert(message) is { } next ? response.WriteAsync(next, flush, cancellationToken) : Task.CompletedTask;
    }
}
