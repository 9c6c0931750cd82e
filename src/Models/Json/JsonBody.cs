using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>Builds JSON request bodies.</summary>
internal static class JsonBody
{
    /// <summary>Options for writing nodes with minimal escaping.</summary>
    public static readonly JsonSerializerOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = int.MaxValue };

    /// <summary>Creates a node from the written JSON value, which must not be null.</summary>
    public static JsonNode Parse(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = RestJson.CreateWriter(buffer))
        {
            write(writer);
        }

        return JsonNode.Parse(buffer.WrittenSpan, documentOptions: DocumentOptions)!;
    }

    /// <summary>Creates a node from an object of the client.</summary>
    public static JsonObject Of(Struct members) => Parse(writer => StructJson.Write(writer, members, null)).AsObject();

    /// <summary>Creates a node from a value of the client.</summary>
    public static JsonNode? Of(Value value) => value.KindCase is Value.KindOneofCase.NullValue or Value.KindOneofCase.None
        ? null
        : Parse(writer => StructJson.Write(writer, value));

    /// <summary>Adds a member if it is set.</summary>
    public static void Add(JsonObject target, string name, bool isSet, JsonNode? value)
    {
        if (isSet)
        {
            target[name] = value;
        }
    }

    /// <summary>Adds the missing members of an object, object by object. Existing members don't change.</summary>
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

    /// <summary>Writes a node, or null.</summary>
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
