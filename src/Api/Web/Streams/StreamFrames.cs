using System.Buffers;

namespace GenAI.Chats.Api.Web.Streams;

/// <summary>Encodes streams of events.</summary>
internal static class StreamFrames
{
    /// <summary>The content type of server-sent events.</summary>
    public const string EventStream = "text/event-stream";

    /// <summary>The content type of lines.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>Returns the content type of a format.</summary>
    public static string ContentType(StreamFormat format) => format == StreamFormat.EventStream ? EventStream : Lines;

    /// <summary>Writes the beginning of a stream: the time after which a browser reconnects.</summary>
    public static void Begin(IBufferWriter<byte> output, StreamFormat format)
    {
        if (format == StreamFormat.EventStream)
        {
            output.Write("retry: 1000\n\n"u8);
        }
    }

    /// <summary>Writes an event.</summary>
    public static void Write(IBufferWriter<byte> output, StreamFormat format, ServerSentEvent next)
    {
        if (format == StreamFormat.Lines)
        {
            WriteLine(output, next.Data.Span);
            output.Write("\n"u8);
            return;
        }

        if (next.Id is { } id)
        {
            WriteField(output, "id: "u8, id);
        }

        if (next.Name is { } name)
        {
            WriteField(output, "event: "u8, name);
        }

        output.Write("data: "u8);
        WriteLine(output, next.Data.Span);
        output.Write("\n\n"u8);
    }

    /// <summary>Writes something that clients ignore. Lines have nothing like that.</summary>
    public static void WriteComment(IBufferWriter<byte> output, StreamFormat format)
    {
        if (format == StreamFormat.EventStream)
        {
            output.Write(": ping\n\n"u8);
        }
    }

    /// <summary>Sends a stream without events, which a browser requests again after a delay.</summary>
    public static Task WriteEmptyStreamAsync(this HttpResponse response, TimeSpan? delay)
    {
        response.ContentType = EventStream;
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"retry: {(delay ?? TimeSpan.FromSeconds(1)).TotalMilliseconds:0}\n\n"));
    }

    private static void WriteField(IBufferWriter<byte> output, ReadOnlySpan<byte> field, string value)
    {
        output.Write(field);
        Encoding.UTF8.GetBytes(value, output);
        output.Write("\n"u8);
    }

    // Members that are kept exactly as a client sent them can contain line breaks, between their tokens. In JSON, each of them is as good as a space.
    private static void WriteLine(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        for (int end; (end = json.IndexOfAny((byte)'\n', (byte)'\r')) >= 0; json = json[(end + 1)..])
        {
            output.Write(json[..end]);
            output.Write(" "u8);
        }

        output.Write(json);
    }
}
