using System.Collections.Frozen;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Models.Requests;

/// <summary>Rules for the config fields of providers other than Google. Unsupported fields are rejected, not dropped.</summary>
internal static class PortableConfig
{
    /// <summary>The fields that every provider supports, and those of this service.</summary>
    private static readonly FrozenSet<int> Common = FrozenSet.Create(
        GenerateContentConfig.HttpOptionsFieldNumber,
        GenerateContentConfig.SystemInstructionFieldNumber,
        GenerateContentConfig.TemperatureFieldNumber,
        GenerateContentConfig.TopPFieldNumber,
        GenerateContentConfig.CandidateCountFieldNumber,
        GenerateContentConfig.MaxOutputTokensFieldNumber,
        GenerateContentConfig.StopSequencesFieldNumber,
        GenerateContentConfig.PresencePenaltyFieldNumber,
        GenerateContentConfig.FrequencyPenaltyFieldNumber,
        GenerateContentConfig.SeedFieldNumber,
        GenerateContentConfig.ResponseMimeTypeFieldNumber,
        GenerateContentConfig.ResponseSchemaFieldNumber,
        GenerateContentConfig.ResponseJsonSchemaFieldNumber,
        GenerateContentConfig.ToolsFieldNumber,
        GenerateContentConfig.ToolConfigFieldNumber,
        GenerateContentConfig.ResponseModalitiesFieldNumber,
        GenerateContentConfig.ThinkingConfigFieldNumber,
        GenerateContentConfig.AutomaticFunctionCallingFieldNumber,
        GenerateContentConfig.AutomaticContinuationFieldNumber);

    /// <summary>Rejects fields that the provider doesn't support.</summary>
    /// <param name="config">The turn's config.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="more">The numbers of further supported fields.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig config, string provider, params ReadOnlySpan<int> more)
    {
        ConfigForm.Check(config);
        foreach (var field in GenerateContentConfig.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!Common.Contains(field.FieldNumber) && !more.Contains(field.FieldNumber) && MessageWriter.IsSet(field, config))
            {
                throw Refusal.Of($"config.{field.Name}", $"isn't supported by {provider}");
            }
        }

        if (config.ResponseModalities.FirstOrDefault(modality => modality != "TEXT") is { } other)
        {
            throw Refusal.Of("config.response_modalities", $"contains '{other}'; {provider} supports only TEXT");
        }

        if (config.HasResponseMimeType && config.ResponseMimeType is not ("text/plain" or "application/json"))
        {
            throw Refusal.Of("config.response_mime_type", $"is '{config.ResponseMimeType}'; {provider} supports text/plain and application/json");
        }

        if (config.ThinkingConfig is { } thinking)
        {
            CheckThinking(thinking, provider);
        }

        if (config.SystemInstruction?.Parts.Index().FirstOrDefault(part => part.Item.DataCase != Part.DataOneofCase.Text) is { Item: not null } part)
        {
            throw Refusal.Of($"config.system_instruction.parts[{part.Index}]", $"must be text; {provider} supports only text here");
        }
    }

    /// <summary>Rejects unknown members and unsupported fields of a message.</summary>
    /// <param name="message">A message of the config.</param>
    /// <param name="name">Its name.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="supported">The numbers of the supported fields.</param>
    public static void CheckFields(IMessage message, string name, string provider, params ReadOnlySpan<int> supported)
    {
        var shape = MessageShape.Of(message.Descriptor);
        foreach (var field in shape.Fields.Select(field => field.Descriptor))
        {
            if (!supported.Contains(field.FieldNumber) && MessageWriter.IsSet(field, message))
            {
                throw Refusal.Of($"{name}.{field.Name}", $"isn't supported by {provider}");
            }
        }

        if (shape.GetExtra(message)?.Fields.Keys.FirstOrDefault() is { } unknown)
        {
            throw Refusal.Of($"{name}.{unknown}", $"isn't supported by {provider}");
        }
    }

    private static void CheckThinking(ThinkingConfig thinking, string provider)
    {
        CheckFields(
            thinking, "config.thinking_config", provider, ThinkingConfig.IncludeThoughtsFieldNumber, ThinkingConfig.ThinkingLevelFieldNumber);
        if (thinking.HasThinkingLevel && thinking.ThinkingLevel is not ("MINIMAL" or "LOW" or "MEDIUM" or "HIGH"))
        {
            throw Refusal.Of("config.thinking_config.thinking_level", $"must be MINIMAL, LOW, MEDIUM, or HIGH (got '{thinking.ThinkingLevel}')");
        }
    }
}
