using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Json;

/// <summary>Converts between the JSON of the Gemini REST API and the messages of content.proto, based on their descriptors.</summary>
/// <remarks>
/// <para>Nothing is lost: unknown members, and members whose value doesn't match the field, are stored in the message's <c>extra</c> and written under
/// their own name again. For known members, null means absent, as do empty lists, empty maps, and empty strings without presence. In strings, U+FFFD
/// replaces invalid characters (half of a surrogate pair, bytes that aren't UTF-8).</para>
/// <para>Numbers in function arguments, function responses, and <c>extra</c> keep their text: see <see cref="ExactJson"/>. Limits: numbers in other
/// structs are doubles, the last of several members with the same name is used, and messages without <c>extra</c>, which aren't part of the REST API,
/// drop unknown members.</para>
/// </remarks>
public static class RestJson
{
    /// <summary>
    /// The maximum depth of JSON without a schema: function arguments and responses, and unknown members. Objects and lists count, including the
    /// outermost one.
    /// </summary>
    public const int MaxDepth = StructJson.MaxDepth;

    // A response has less than ten levels around its deepest struct.
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = MaxDepth + 36 };

    // The JSON is sent to APIs, never embedded in a page, so it needs minimal escaping.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a message.</summary>
    /// <param name="utf8Json">One JSON object.</param>
    /// <exception cref="JsonException">It isn't a JSON object, or is nested too deeply.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8Json)
        where T : IMessage<T>, new()
    {
        using var document = Parse(utf8Json);
        return Read<T>(document.RootElement);
    }

    /// <summary>
    /// Reads a message of a client. Unlike <see cref="Read{T}(ReadOnlyMemory{byte})"/>, known members must have valid values, and unknown ones are only allowed in
    /// messages that keep them.
    /// </summary>
    /// <param name="type">The type of the message.</param>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">The JSON doesn't match the type. The path is that of the member, and the message can be read after it.</exception>
    public static IMessage ReadStrict(MessageDescriptor type, JsonElement json)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return new MessageReader(isResponse: false, isStrict: true).Read(type, json) ?? throw new JsonException("has an invalid value");
        }
        catch (UnreadableJsonException)
        {
            throw new JsonException($"must not be nested more than {MaxDepth} levels deep");
        }
        catch (InvalidOperationException)
        {
            throw new JsonException("must have member names that are valid text");
        }
    }

    /// <summary>Writes a message as a JSON value.</summary>
    /// <exception cref="InvalidOperationException">A timestamp or duration is out of range.</exception>
    public static void Write(Utf8JsonWriter writer, IMessage message) => MessageWriter.Write(writer, message);

    /// <summary>Writes a message as one JSON object.</summary>
    /// <exception cref="InvalidOperationException">A timestamp or duration is out of range.</exception>
    public static byte[] Write(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Write(writer => MessageWriter.Write(writer, message)).ToArray();
    }

    /// <summary>Returns an object with its exact members as text.</summary>
    internal static string Write(Struct? value, ExactJson? exact) =>
        Encoding.UTF8.GetString(Write(writer => StructJson.Write(writer, value, exact)).Span);

    /// <summary>Returns what an action writes.</summary>
    internal static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Parses JSON with the limits for messages.</summary>
    internal static JsonDocument Parse(ReadOnlyMemory<byte> utf8Json) => JsonDocument.Parse(utf8Json, DocumentOptions);

    /// <summary>Reads a message from JSON that was parsed with <see cref="Parse"/>.</summary>
    /// <param name="element">The JSON.</param>
    /// <param name="isResponse">Whether it is a response of a model: see <see cref="MessageReader"/>.</param>
    internal static T Read<T>(JsonElement element, bool isResponse = false)
        where T : IMessage<T>, new()
    {
        try
        {
            return (T?)new MessageReader(isResponse).Read(new T().Descriptor, element)
                ?? throw new JsonException($"A JSON object was expected, not {element.ValueKind}.");
        }
        catch (InvalidOperationException exception)
        {
            // Invalid text is fixed in values, not in names.
            throw new UnreadableJsonException("A member name isn't valid text.", exception);
        }
    }
}

/// <summary>Valid JSON that this service can't represent. The message can be shown to clients.</summary>
internal sealed class UnreadableJsonException(string message, Exception? innerException = null) : JsonException(message, innerException);
