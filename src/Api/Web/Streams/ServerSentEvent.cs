namespace GenAI.Chats.Api.Web.Streams;

/// <summary>An event of a stream.</summary>
/// <param name="Id">The value that a client sends as <c>Last-Event-ID</c> to resume after this event. Null if it can't.</param>
/// <param name="Name">The name. Null for events without a name.</param>
/// <param name="Data">The data: JSON in UTF-8.</param>
internal readonly record struct ServerSentEvent(string? Id, string? Name, ReadOnlyMemory<byte> Data);

/// <summary>The formats of streams.</summary>
internal enum StreamFormat
{
    /// <summary>Server-sent events.</summary>
    EventStream,

    /// <summary>One JSON value per line, without names and IDs.</summary>
    Lines,
}
