using System.Text.Json.Nodes;
using GenAI.Chats.Api.Web.Json;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Web.OpenApi;

/// <summary>The schemas of messages in an OpenAPI document.</summary>
internal sealed class OpenApiSchemas(ProtoComments comments)
{
    private const int ExtraFieldNumber = 100;

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);

    /// <summary>Returns the schemas that were referenced.</summary>
    public JsonObject ToJson() => new(_schemas.Select(static schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value)));

    /// <summary>Returns a reference to the schema of a message.</summary>
    public JsonObject Reference(MessageDescriptor type)
    {
        var name = NameOf(type);
        if (!_schemas.ContainsKey(name))
        {
            // Messages can contain themselves.
            var schema = _schemas[name] = new JsonObject();
            Fill(schema, type);
        }

        return OpenApiDocument.Reference(name);
    }

    /// <summary>Returns the schema of a field, with its description.</summary>
    public JsonObject Of(FieldDescriptor field)
    {
        var schema = field.IsMap ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Single(field.MessageType.FindFieldByNumber(2)) }
            : field.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = Single(field) }
            : Single(field);
        Describe(schema, field.FullName);
        return schema;
    }

    /// <summary>Adds the comment of something as the description.</summary>
    public void Describe(JsonObject target, string fullName)
    {
        if (comments.Of(fullName) is { } description)
        {
            target["description"] = description;
        }
    }

    private static string NameOf(MessageDescriptor type) => type.FullName[(type.File.Package.Length + 1)..];

    private void Fill(JsonObject schema, MessageDescriptor type)
    {
        Describe(schema, type.FullName);
        schema["type"] = "object";
        var properties = new JsonObject();
        foreach (var field in type.Fields.InDeclarationOrder().Where(IsMember))
        {
            properties[field.JsonName] = Of(field);
        }

        schema["properties"] = properties;

        // Unknown members of contents are kept.
        if (!ContractJson.IsContent(type) || type.FindFieldByNumber(ExtraFieldNumber) is null)
        {
            schema["additionalProperties"] = false;
        }
    }

    private static bool IsMember(FieldDescriptor field) => !ContractJson.IsContent(field.ContainingType)
        || (field.FieldNumber != ExtraFieldNumber && (field.FieldType != FieldType.Message || field.MessageType != ExactJson.Descriptor));

    private JsonObject Single(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => Message(field.MessageType),
        FieldType.Enum => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray([.. field.EnumType.Values.Select(static value => JsonValue.Create(value.Name))]) },
        FieldType.Bool => new JsonObject { ["type"] = "boolean" },
        FieldType.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        FieldType.Int64 => new JsonObject { ["type"] = "string", ["format"] = "int64" },
        FieldType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldType.Bytes => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
        _ => new JsonObject { ["type"] = "string" },
    };

    private JsonObject Message(MessageDescriptor type) =>
        type == Timestamp.Descriptor ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
        : type == Duration.Descriptor ? new JsonObject { ["type"] = "string", ["pattern"] = @"^-?\d+(\.\d{1,9})?s$" }
        : type == FieldMask.Descriptor ? new JsonObject { ["type"] = "string" }
        : type == Value.Descriptor ? new JsonObject()
        : type == Struct.Descriptor || type == Empty.Descriptor ? new JsonObject { ["type"] = "object" }
        : Reference(type);
}
