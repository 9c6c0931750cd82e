using System.Collections.Frozen;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Requests;
using Google.Protobuf.Reflection;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The body of generateContent. The REST API has no equivalent of <see cref="GenerateContentConfig"/>: most of its fields are written to
/// <c>generationConfig</c>, others to the body itself.
/// </summary>
internal static class GeminiRequestBody
{
    private static readonly FieldShape[] ConfigFields = MessageShape.Of(GenerateContentConfig.Descriptor).Fields;

    private static readonly FrozenSet<string> NotSent = FrozenSet.Create("http_options", "automatic_function_calling", "automatic_continuation");

    private static readonly FrozenSet<string> TopLevel = FrozenSet.Create(
        "system_instruction", "safety_settings", "tools", "tool_config", "labels", "cached_content", "service_tier", "model_armor_config",
        "continuation_token", "store");

    /// <summary>Writes the body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a timestamp or duration is out of range, or the extra body has a member that the server
    /// writes.</exception>
    public static ReadOnlyMemory<byte> Write(IEnumerable<Content> contents, GenerateContentConfig? config)
    {
        try
        {
            return RestJson.Write(writer => Write(writer, contents, config is null ? [] : MembersOf(config)));
        }
        catch (InvalidOperationException exception)
        {
            throw new ModelException(ModelErrorReasons.InvalidRequest, "A timestamp or duration is out of range.", exception);
        }
    }

    /// <summary>Checks the extra body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: it has a member that the server writes.</exception>
    public static void CheckExtraBody(GenerateContentConfig config)
    {
        if (ExtraBody.IsIn(config))
        {
            Write([], config);
        }
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<Content> contents, JsonObject members)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("contents"u8);
        foreach (var content in contents)
        {
            MessageWriter.Write(writer, content);
        }

        writer.WriteEndArray();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value);
        }

        writer.WriteEndObject();
    }

    // Includes the extra body.
    private static JsonObject MembersOf(GenerateContentConfig config)
    {
        var (members, generation) = (new JsonObject(), new JsonObject());
        foreach (var field in ConfigFields.Where(field => !NotSent.Contains(field.Descriptor.Name) && MessageWriter.IsSet(field.Descriptor, config)))
        {
            var target = TopLevel.Contains(field.Descriptor.Name) ? members : generation;
            target[NameOf(field.Descriptor)] = JsonBody.Parse(writer => MessageWriter.WriteField(writer, field, config));
        }

        if (generation.Count > 0)
        {
            members["generationConfig"] = generation;
        }

        ExtraBody.AddTo(members, config, "contents", "model", "continuationToken");
        return members;
    }

    private static string NameOf(FieldDescriptor field) => field.JsonName switch
    {
        "modelSelectionConfig" => "modelConfig",
        "generationOutputConfig" => "outputConfig",
        var name => name,
    };
}
