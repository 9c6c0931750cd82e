using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The body of generateContent. <see cref="GenerateContentConfig"/> is no object of the REST API: each of its fields has its place
/// in the body, which for most is <c>generationConfig</c>.
/// </summary>
internal static class GeminiRequestBody
{
    private static readonly FieldShape[] ConfigFields = MessageShape.Of(GenerateContentConfig.Descriptor).Fields;

    private static readonly FrozenSet<int> NotSent = FrozenSet.Create(
        GenerateContentConfig.HttpOptionsFieldNumber,
        GenerateContentConfig.AutomaticFunctionCallingFieldNumber,
        GenerateContentConfig.AutomaticContinuationFieldNumber);

    private static readonly FrozenSet<int> TopLevel = FrozenSet.Create(
        GenerateContentConfig.SystemInstructionFieldNumber,
        GenerateContentConfig.SafetySettingsFieldNumber,
        GenerateContentConfig.ToolsFieldNumber,
        GenerateContentConfig.ToolConfigFieldNumber,
        GenerateContentConfig.LabelsFieldNumber,
        GenerateContentConfig.CachedContentFieldNumber,
        GenerateContentConfig.ServiceTierFieldNumber,
        GenerateContentConfig.ModelArmorConfigFieldNumber,
        GenerateContentConfig.ContinuationTokenFieldNumber,
        GenerateContentConfig.StoreFieldNumber);

    private static readonly FrozenDictionary<int, JsonEncodedText> OtherNames = new Dictionary<int, JsonEncodedText>
    {
        [GenerateContentConfig.ModelSelectionConfigFieldNumber] = JsonEncodedText.Encode("modelConfig"),
        [GenerateContentConfig.GenerationOutputConfigFieldNumber] = JsonEncodedText.Encode("outputConfig"),
    }.ToFrozenDictionary();

    /// <summary>Writes the body.</summary>
    /// <exception cref="InvalidOperationException">A timestamp or a duration is out of its range.</exception>
    public static ReadOnlyMemory<byte> Write(IEnumerable<Content> contents, GenerateContentConfig? config)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = RestJson.CreateWriter(buffer);
        writer.WriteStartObject();
        if (config?.HttpOptions?.ExtraBody is { Fields.Count: > 0 } extraBody)
        {
            var members = MembersOf(config);
            Merge(members, Parse(body => StructJson.Write(body, extraBody)));
            if (!members.ContainsKey("contents"))
            {
                WriteContents(writer, contents);
            }

            foreach (var (name, value) in members)
            {
                writer.WritePropertyName(name);
                WriteNode(writer, value);
            }
        }
        else
        {
            WriteContents(writer, contents);
            WriteConfig(writer, config);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteContents(Utf8JsonWriter writer, IEnumerable<Content> contents)
    {
        writer.WriteStartArray("contents"u8);
        foreach (var content in contents)
        {
            RestJson.Write(writer, content);
        }

        writer.WriteEndArray();
    }

    private static void WriteConfig(Utf8JsonWriter writer, GenerateContentConfig? config)
    {
        if (config is null)
        {
            return;
        }

        var sent = ConfigFields.Where(field => !NotSent.Contains(field.Descriptor.FieldNumber));
        var places = sent.Where(field => MessageWriter.IsSet(field.Descriptor, config))
            .ToLookup(field => TopLevel.Contains(field.Descriptor.FieldNumber));
        WriteMembers(writer, places[true], config);
        if (places.Contains(false))
        {
            writer.WriteStartObject("generationConfig"u8);
            WriteMembers(writer, places[false], config);
            writer.WriteEndObject();
        }
    }

    private static void WriteMembers(Utf8JsonWriter writer, IEnumerable<FieldShape> fields, IMessage config)
    {
        foreach (var field in fields)
        {
            writer.WritePropertyName(OtherNames.TryGetValue(field.Descriptor.FieldNumber, out var name) ? name : field.JsonName);
            MessageWriter.WriteField(writer, field, config);
        }
    }

    private static JsonObject MembersOf(GenerateContentConfig config) => Parse(writer =>
    {
        writer.WriteStartObject();
        WriteConfig(writer, config);
        writer.WriteEndObject();
    });

    private static JsonObject Parse(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = RestJson.CreateWriter(buffer))
        {
            write(writer);
        }

        return JsonNode.Parse(buffer.WrittenSpan, documentOptions: new JsonDocumentOptions { MaxDepth = int.MaxValue })!.AsObject();
    }

    // Object by object; anything else is replaced.
    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static void WriteNode(Utf8JsonWriter writer, JsonNode? node)
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
