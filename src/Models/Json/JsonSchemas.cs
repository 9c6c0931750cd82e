using System.Text.Json.Nodes;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Json;

/// <summary>JSON Schema, which other models take, of the Gemini API's own dialect.</summary>
internal static class JsonSchemas
{
    /// <summary>The schema of either form; null where neither is set.</summary>
    public static JsonObject? Of(Schema? schema, Value? jsonSchema) => jsonSchema is not null
        ? JsonBody.Of(jsonSchema.StructValue)
        : schema is null ? null : Of(schema);

    /// <summary>The JSON Schema that says the same.</summary>
    public static JsonObject Of(Schema schema)
    {
        var json = new JsonObject();
        AddKind(json, schema);
        AddText(json, "title", schema.HasTitle, schema.Title);
        AddText(json, "description", schema.HasDescription, schema.Description);
        AddText(json, "pattern", schema.HasPattern, schema.Pattern);
        AddText(json, "$ref", schema.HasRef, schema.Ref);
        AddNumber(json, "minItems", schema.HasMinItems, schema.MinItems);
        AddNumber(json, "maxItems", schema.HasMaxItems, schema.MaxItems);
        AddNumber(json, "minProperties", schema.HasMinProperties, schema.MinProperties);
        AddNumber(json, "maxProperties", schema.HasMaxProperties, schema.MaxProperties);
        AddNumber(json, "minLength", schema.HasMinLength, schema.MinLength);
        AddNumber(json, "maxLength", schema.HasMaxLength, schema.MaxLength);
        AddNumber(json, "minimum", schema.HasMinimum, schema.Minimum);
        AddNumber(json, "maximum", schema.HasMaximum, schema.Maximum);
        AddValue(json, "default", schema.Default);
        AddValue(json, "additionalProperties", schema.AdditionalProperties);
        if (schema.Example is not null)
        {
            json["examples"] = new JsonArray(JsonBody.Of(schema.Example));
        }

        AddNested(json, schema);
        foreach (var (name, value) in schema.Extra?.Fields ?? [])
        {
            json[name] = JsonBody.Of(value);
        }

        return json;
    }

    private static void AddKind(JsonObject json, Schema schema)
    {
        if (schema.Type is not ("" or "TYPE_UNSPECIFIED"))
        {
            var type = schema.Type.ToLowerInvariant();
            json["type"] = schema.Nullable ? new JsonArray(type, "null") : type;
        }

        // "enum" is a format of that dialect only, and says no more than the list does.
        AddText(json, "format", schema.HasFormat && schema.Format != "enum", schema.Format);
        if (schema.Enum.Count > 0)
        {
            var values = new JsonArray([.. schema.Enum.Select(value => JsonValue.Create(value))]);
            if (schema.Nullable)
            {
                values.Add(null);
            }

            json["enum"] = values;
        }
    }

    private static void AddNested(JsonObject json, Schema schema)
    {
        if (schema.Items is not null)
        {
            json["items"] = Of(schema.Items);
        }

        if (schema.AnyOf.Count > 0)
        {
            var alternatives = new JsonArray([.. schema.AnyOf.Select(Of)]);
            if (schema.Nullable && schema.Type is "" or "TYPE_UNSPECIFIED")
            {
                alternatives.Add(new JsonObject { ["type"] = "null" });
            }

            json["anyOf"] = alternatives;
        }

        if (schema.Properties.Count > 0)
        {
            // JSON Schema has no order but that of the text.
            var rank = schema.PropertyOrdering.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
            var ordered = schema.Properties.OrderBy(property => rank.GetValueOrDefault(property.Key, int.MaxValue));
            json["properties"] = new JsonObject(ordered.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Of(property.Value))));
        }

        if (schema.Required.Count > 0)
        {
            json["required"] = new JsonArray([.. schema.Required.Select(name => JsonValue.Create(name))]);
        }

        if (schema.Defs.Count > 0)
        {
            json["$defs"] = new JsonObject(schema.Defs.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Of(entry.Value))));
        }
    }

    private static void AddText(JsonObject json, string name, bool isSet, string value)
    {
        if (isSet)
        {
            json[name] = value;
        }
    }

    private static void AddNumber<T>(JsonObject json, string name, bool isSet, T value)
    {
        if (isSet)
        {
            json[name] = JsonValue.Create(value);
        }
    }

    private static void AddValue(JsonObject json, string name, Value? value)
    {
        if (value is not null)
        {
            json[name] = JsonBody.Of(value);
        }
    }
}
