using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// The body of generateContent. The REST API has no equivalent of <see cref="GenerateContentConfig"/>: most of its fields are written to
/// <c>generationConfig</c>, others to the body itself.
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
    /// <exception cref="InvalidOperationException">A timestamp or duration is out of range.</exception>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the extra body has a member that the server writes.</exception>
    public static ReadOnlyMemory<byte> Write(IEnumerable<Content> contents, GenerateContentConfig? config)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = RestJson.CreateWriter(buffer);
        writer.WriteStartObject();
        WriteContents(writer, contents);
        if (ExtraBody.IsIn(config))
        {
            foreach (var (name, value) in MembersOf(config!))
            {
                writer.WritePropertyName(name);
                JsonBody.Write(writer, value);
            }
        }
        else
        {
            WriteConfig(writer, config);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Checks the extra body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: it has a member that the server writes.</exception>
    public static void CheckExtraBody(GenerateContentConfig config)
    {
        if (!ExtraBody.IsIn(config))
        {
            return;
        }

        try
        {
            MembersOf(config);
        }
        catch (InvalidOperationException)
        {
            // A time out of range fails when the request is written.
        }
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

    // Includes the extra body.
    private static JsonObject MembersOf(GenerateContentConfig config)
    {
        var members = JsonBody.Parse(writer =>
        {
            writer.WriteStartObject();
            WriteConfig(writer, config);
            writer.WriteEndObject();
        }).AsObject();
        ExtraBody.AddTo(members, config, "contents", "model", "continuationToken");
        return members;
    }
}
