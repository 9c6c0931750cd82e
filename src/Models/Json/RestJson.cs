using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>
/// Converts between the JSON of the Gemini REST API and the messages of content.proto, in both directions and by their descriptors alone.
/// </summary>
/// <remarks>
/// <para>Nothing is lost: a member that the schema does not know, and one whose value does not fit its field, goes to the
/// message's <c>extra</c> and is written under its own name again. A null is the same as an absent member where the schema knows it. An
/// empty list, an empty map, and an empty string without presence are the same as absent. In strings, anything that is not a character (half
/// of a surrogate pair, bytes that are not UTF-8) becomes U+FFFD.</para>
/// <para>Numbers of function arguments, of responses and in <c>extra</c> are kept as they were: see <see cref="ExactJson"/>. The limits: numbers in
/// other structs are doubles; of several members with one name the last counts; messages without <c>extra</c>, which are none of the REST API's, drop
/// what they do not know.</para>
/// </remarks>
public static class RestJson
{
    /// <summary>
    /// How deeply JSON that has no schema may be nested: the arguments of a function, its response, a member that the schema does not know.
    /// Objects and lists count, the outermost one included.
    /// </summary>
    public const int MaxDepth = StructJson.MaxDepth;

    // What is around the deepest struct of a response takes less than ten.
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth + 36 };

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

    /// <summary>An object as text, with its exact members.</summary>
    internal static string Write(Struct? value, ExactJson? exact)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = CreateWriter(buffer))
        {
            StructJson.Write(writer, value, exact);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Parses JSON under the limits that hold for messages.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> utf8Json) => JsonDocument.Parse(utf8Json, DocumentOptions);

    /// <summary>Reads a message from JSON that was parsed with <see cref="Parse"/>.</summary>
    /// <param name="element">The JSON.</param>
    /// <param name="inPieces">Whether the texts of parts are pieces of longer ones, so that halves of surrogate pairs at their ends are kept.</param>
    internal static T Read<T>(JsonElement element, bool inPieces = false)
        where T : IMessage<T>, new()
    {
        try
        {
            return (T?)new MessageReader(inPieces).Read(new T().Descriptor, element)
                ?? throw new JsonException($"A JSON object was expected, not {element.ValueKind}.");
        }
        catch (InvalidOperationException exception)
        {
            // Values are mended, names are not.
            throw new UnreadableJsonException("A member has a name that is not text.", exception);
        }
    }

    /// <summary>A writer that writes as this converter does.</summary>
    internal static Utf8JsonWriter CreateWriter(IBufferWriter<byte> buffer) => new(buffer, WriterOptions);
}
