using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>Request bodies that are put together from pieces.</summary>
internal static class JsonBody
{
    /// <summary>Nodes as text: only what JSON itself demands is escaped.</summary>
    public static readonly JsonSerializerOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = int.MaxValue };

    /// <summary>Makes a node of what is written, which must be one JSON value and no null.</summary>
    public static JsonNode Parse(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = RestJson.CreateWriter(buffer))
        {
            write(writer);
        }

        return JsonNode.Parse(buffer.WrittenSpan, documentOptions: DocumentOptions)!;
    }

    /// <summary>An object as the client gave it.</summary>
    public static JsonObject Of(Struct members) => Parse(writer => StructJson.Write(writer, members)).AsObject();

    /// <summary>A value as the client gave it.</summary>
    public static JsonNode? Of(Value value) => value.KindCase is Value.KindOneofCase.NullValue or Value.KindOneofCase.None
        ? null
        : Parse(writer => StructJson.Write(writer, value));

    /// <summary>Adds the members that an object does not have, object by object. Those that it has stay as they are.</summary>
    public static void Complete(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (!target.TryGetPropertyValue(name, out var existing))
            {
                target[name] = value?.DeepClone();
            }
            else if (value is JsonObject inner && existing is JsonObject known)
            {
                Complete(known, inner);
            }
        }
    }

    /// <summary>Writes a node, which may be null.</summary>
    public static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        if (node is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            node.WriteTo(writer);
        }
    }
}
