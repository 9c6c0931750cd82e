using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Json;

/// <summary>Converts schemas of the Gemini API to JSON Schema for other providers.</summary>
internal static class JsonSchemas
{
    /// <summary>Returns the JSON Schema of either form, or null if neither is set.</summary>
    public static JsonObject? Of(Schema? schema, Value? jsonSchema) => jsonSchema is not null
        ? JsonBody.Of(jsonSchema.StructValue)
        : schema is null ? null : Of(schema);

    /// <summary>Returns the equivalent JSON Schema.</summary>
    public static JsonObject Of(Schema schema)
    {
        var json = new JsonObject();
        AddKind(json, schema);
        JsonBody.Add(json, "title", schema.HasTitle, schema.Title);
        JsonBody.Add(json, "description", schema.HasDescription, schema.Description);
        JsonBody.Add(json, "pattern", schema.HasPattern, schema.Pattern);
        JsonBody.Add(json, "$ref", schema.HasRef, schema.Ref);
        JsonBody.Add(json, "minItems", schema.HasMinItems, schema.MinItems);
        JsonBody.Add(json, "maxItems", schema.HasMaxItems, schema.MaxItems);
        JsonBody.Add(json, "minProperties", schema.HasMinProperties, schema.MinProperties);
        JsonBody.Add(json, "maxProperties", schema.HasMaxProperties, schema.MaxProperties);
        JsonBody.Add(json, "minLength", schema.HasMinLength, schema.MinLength);
        JsonBody.Add(json, "maxLength", schema.HasMaxLength, schema.MaxLength);
        JsonBody.Add(json, "minimum", schema.HasMinimum, schema.Minimum);
        JsonBody.Add(json, "maximum", schema.HasMaximum, schema.Maximum);
        JsonBody.Add(json, "default", schema.Default is not null, JsonBody.Of(schema.Default));
        JsonBody.Add(json, "additionalProperties", schema.AdditionalProperties is not null, JsonBody.Of(schema.AdditionalProperties));
        JsonBody.Add(json, "examples", schema.Example is not null, new JsonArray(JsonBody.Of(schema.Example)));
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

        // The format "enum" isn't part of JSON Schema, and the list implies it.
        JsonBody.Add(json, "format", schema.HasFormat && schema.Format != "enum", schema.Format);
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
            // JSON Schema has no other order than that of the text.
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
}
