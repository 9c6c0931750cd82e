using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;

namespace GenAI.Chats.Models.Json;

/// <summary>
/// Converts between the JSON of the Gemini REST API and the messages of content.proto, in both directions and by their descriptors alone.
/// </summary>
/// <remarks>
/// <para>Nothing is lost: a member that the schema does not know, and one whose value does not fit its field, goes to the
/// message's <c>extra</c> and is written under its own name again. A null is the same as an absent member where the schema knows it. An
/// empty list, an empty map, and an empty string without presence are the same as absent.</para>
/// <para>The limits: numbers in <c>extra</c> and in other structs are doubles, so that integers beyond 2^53 are rounded; of several members
/// with one name the last counts; messages without <c>extra</c>, which are none of the REST API's, drop what they do not know.</para>
/// </remarks>
public static class RestJson
{
    /// <summary>
    /// How deeply JSON may be nested. A level in a struct takes three in its protobuf encoding, and protobuf's parsers give up at
    /// 100: what were read beyond this could be stored, and then not be read again.
    /// </summary>
    public const int MaxDepth = 30;

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth };

    // What is written goes to an API, never into a page: only what JSON itself demands is escaped.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a message.</summary>
    /// <param name="utf8Json">One JSON object. It is not kept.</param>
    /// <exception cref="JsonException">It is not JSON, not an object, or nested too deeply.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8Json)
        where T : IMessage<T>, new()
    {
        using var document = Parse(utf8Json);
        return Read<T>(document.RootElement);
    }

    /// <summary>Writes a message as one JSON object.</summary>
    /// <exception cref="InvalidOperationException">A timestamp or a duration in it is out of its range.</exception>
    public static byte[] Write(IMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = CreateWriter(buffer))
        {
            Write(writer, message);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a message as one JSON object.</summary>
    /// <exception cref="InvalidOperationException">A timestamp or a duration in it is out of its range.</exception>
    public static void Write(Utf8JsonWriter writer, IMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        MessageWriter.Write(writer, message);
    }

    /// <summary>Parses JSON under the limits that hold for messages.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> utf8Json) => JsonDocument.Parse(utf8Json, DocumentOptions);

    /// <summary>Reads a message from JSON that was parsed with <see cref="Parse"/>.</summary>
    internal static T Read<T>(JsonElement element)
        where T : IMessage<T>, new()
    {
        try
        {
            return (T?)MessageReader.Read(new T().Descriptor, element)
                ?? throw new JsonException($"A JSON object was expected, not {element.ValueKind}.");
        }
        catch (InvalidOperationException exception)
        {
            // A string that is not text: bytes that are not UTF-8, or half of a surrogate pair.
            throw new JsonException("The JSON holds a string that is not valid text.", exception);
        }
    }

    /// <summary>A writer that writes as this converter does.</summary>
    internal static Utf8JsonWriter CreateWriter(IBufferWriter<byte> buffer) => new(buffer, WriterOptions);
}
