using System.Text.Json.Nodes;
using GenAI.Chats.Api.Web.Streams;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Writes the events of a turn as chunks of a message.</summary>
/// <param name="response">The response.</param>
/// <param name="aborted">Ends the wait for a slow client.</param>
internal sealed class UiTurnStream(StreamResponse response, CancellationToken aborted) : IServerStreamWriter<byte[]>
{
    private UiTurnChunks? _turn;

    /// <inheritdoc/>
    public WriteOptions? WriteOptions { get; set; }

    /// <summary>Gets whether the last event was written.</summary>
    public bool HasEnded => _turn?.HasEnded == true;

    /// <summary>Begins the message.</summary>
    /// <param name="messageId">The ID of the message.</param>
    /// <param name="turnId">The turn that is streamed.</param>
    /// <param name="earlier">The chunks of earlier turns that belong to the message.</param>
    public async Task BeginAsync(string messageId, string turnId, IEnumerable<JsonObject> earlier)
    {
        _turn = new UiTurnChunks(turnId);
        await WriteAsync(UiChunk.Of(UiChunk.Start, ("messageId", messageId)), flush: false, aborted);
        foreach (var chunk in earlier.Where(static chunk => UiChunk.TypeOf(chunk) is not (UiChunk.Finish or UiChunk.Error or UiChunk.Abort)))
        {
            await WriteAsync(chunk, flush: false, aborted);
        }

        await response.StartAsync();
    }

    /// <inheritdoc/>
    public Task WriteAsync(byte[] message) => WriteAsync(message, aborted);

    /// <inheritdoc/>
    public async Task WriteAsync(byte[] message, CancellationToken cancellationToken)
    {
        var flush = WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true;
        var chunks = _turn!.Add(TurnEvent.Parser.ParseFrom(message));
        for (var i = 0; i < chunks.Count; i++)
        {
            await WriteAsync(chunks[i], flush && i == chunks.Count - 1, cancellationToken);
        }

        if (flush && chunks.Count == 0)
        {
            await response.StartAsync();
        }
    }

    /// <summary>Ends the stream.</summary>
    /// <param name="error">The error, unless a chunk contains it.</param>
    public async Task EndAsync(RpcException? error = null)
    {
        if (error is not null)
        {
            await WriteAsync(UiChunk.Of(UiChunk.Error, ("errorText", error.Status.Detail)), flush: false, aborted);
        }

        await response.WriteAsync(new ServerSentEvent(null, null, UiChunk.Done), flush: true, aborted);
    }

    private Task WriteAsync(JsonObject chunk, bool flush, CancellationToken cancellationToken) =>
        response.WriteAsync(new ServerSentEvent(null, null, UiJson.ToBytes(chunk)), flush, cancellationToken);
}
