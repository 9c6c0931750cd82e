using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Json;

/// <summary>Builds JSON request bodies.</summary>
internal static class JsonBody
{
    /// <summary>Options for writing nodes with minimal escaping.</summary>
    public static readonly JsonSerializerOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = int.MaxValue };

    /// <summary>Creates a node from the written JSON value. Null for the value null.</summary>
    public static JsonNode? Parse(Action<Utf8JsonWriter> write) => JsonNode.Parse(RestJson.Write(write).Span, documentOptions: DocumentOptions);

    /// <summary>Creates a node from an object with its exact members.</summary>
    public static JsonObject Of(Struct? members, ExactJson? exact = null) => Parse(writer => StructJson.Write(writer, members, exact))!.AsObject();

    /// <summary>Creates a node from a value of the client. Null if it is null or not set.</summary>
    public static JsonNode? Of(Value? value) => value is null ? null : Parse(writer => StructJson.Write(writer, value));

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
}
