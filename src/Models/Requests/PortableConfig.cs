using System.Collections.Frozen;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Models.Requests;

/// <summary>What models of other makers take of a config: nothing is dropped in silence.</summary>
internal static class PortableConfig
{
    /// <summary>The fields that have a place with every provider, or are this service's own.</summary>
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

    /// <summary>Refuses what the provider has no place for.</summary>
    /// <param name="config">The turn's config.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="more">The numbers of the fields that it takes beyond the common ones.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig config, string provider, params ReadOnlySpan<int> more)
    {
        ConfigForm.Check(config);
        foreach (var field in GenerateContentConfig.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!Common.Contains(field.FieldNumber) && !more.Contains(field.FieldNumber) && MessageWriter.IsSet(field, config))
            {
                throw Refusal.Of($"config.{field.Name}", $"is not taken by {provider}");
            }
        }

        if (config.ResponseModalities.FirstOrDefault(modality => modality != "TEXT") is { } other)
        {
            throw Refusal.Of("config.response_modalities", $"has '{other}': {provider} answers with TEXT only");
        }

        if (config.HasResponseMimeType && config.ResponseMimeType is not ("text/plain" or "application/json"))
        {
            throw Refusal.Of("config.response_mime_type", $"is '{config.ResponseMimeType}': {provider} takes text/plain and application/json");
        }

        if (config.ThinkingConfig is { } thinking)
        {
            CheckThinking(thinking, provider);
        }

        if (config.SystemInstruction?.Parts.Index().FirstOrDefault(part => part.Item.DataCase != Part.DataOneofCase.Text) is { Item: not null } part)
        {
            throw Refusal.Of($"config.system_instruction.parts[{part.Index}]", $"is no text, which is all that {provider} takes there");
        }
    }

    /// <summary>Refuses members that the message's schema does not know, or fields that have no place.</summary>
    /// <param name="message">A message of the config.</param>
    /// <param name="name">Its name.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="taken">The numbers of the fields that have a place.</param>
    public static void CheckFields(IMessage message, string name, string provider, params ReadOnlySpan<int> taken)
    {
        var shape = MessageShape.Of(message.Descriptor);
        foreach (var field in shape.Fields.Select(field => field.Descriptor))
        {
            if (!taken.Contains(field.FieldNumber) && MessageWriter.IsSet(field, message))
            {
                throw Refusal.Of($"{name}.{field.Name}", $"is not taken by {provider}");
            }
        }

        if (shape.GetExtra(message)?.Fields.Keys.FirstOrDefault() is { } unknown)
        {
            throw Refusal.Of($"{name}.{unknown}", $"is not taken by {provider}");
        }
    }

    private static void CheckThinking(ThinkingConfig thinking, string provider)
    {
        CheckFields(
            thinking, "config.thinking_config", provider, ThinkingConfig.IncludeThoughtsFieldNumber, ThinkingConfig.ThinkingLevelFieldNumber);
        if (thinking.HasThinkingLevel && thinking.ThinkingLevel is not ("MINIMAL" or "LOW" or "MEDIUM" or "HIGH"))
        {
            throw Refusal.Of("config.thinking_config.thinking_level", $"is '{thinking.ThinkingLevel}': it must be MINIMAL, LOW, MEDIUM or HIGH");
        }
    }
}
