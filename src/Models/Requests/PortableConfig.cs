using System.Collections.Frozen;

namespace GenAI.Chats.Models.Requests;

/// <summary>Rules for the config fields of providers other than Google. Unsupported fields are rejected, not dropped.</summary>
internal static class PortableConfig
{
    /// <summary>The fields that every provider supports, and those of this service.</summary>
    private static readonly FrozenSet<string> Common = FrozenSet.Create(
        "http_options", "system_instruction", "temperature", "top_p", "candidate_count", "max_output_tokens", "stop_sequences", "presence_penalty",
        "frequency_penalty", "seed", "response_mime_type", "response_schema", "response_json_schema", "tools", "tool_config",
        "response_modalities", "thinking_config", "automatic_function_calling", "automatic_continuation");

    /// <summary>Rejects fields that the provider doesn't support.</summary>
    /// <param name="config">The turn's config.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="more">The names of further supported fields.</param>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig config, string provider, params ReadOnlySpan<string> more)
    {
        ConfigForm.Check(config);
        foreach (var field in GenerateContentConfig.Descriptor.Fields.InFieldNumberOrder())
        {
            if (!Common.Contains(field.Name) && !more.Contains(field.Name) && MessageWriter.IsSet(field, config))
            {
                throw Refusal.Of($"config.{field.Name}", $"isn't supported by {provider}");
            }
        }

        var modality = config.ResponseModalities.FirstOrDefault(modality => modality != "TEXT");
        Refusal.If(modality is not null, "config.response_modalities", $"contains '{modality}'; {provider} supports only TEXT");
        Refusal.If(
            config.HasResponseMimeType && config.ResponseMimeType is not ("text/plain" or "application/json"),
            "config.response_mime_type",
            $"is '{config.ResponseMimeType}'; {provider} supports text/plain and application/json");
        if (config.ThinkingConfig is { } thinking)
        {
            CheckFields(thinking, "config.thinking_config", provider, "include_thoughts", "thinking_level");
            Refusal.If(
                thinking.HasThinkingLevel && thinking.ThinkingLevel is not ("MINIMAL" or "LOW" or "MEDIUM" or "HIGH"),
                "config.thinking_config.thinking_level",
                $"must be MINIMAL, LOW, MEDIUM, or HIGH (got '{thinking.ThinkingLevel}')");
        }

        foreach (var (index, part) in config.SystemInstruction?.Parts.Index() ?? [])
        {
            Refusal.If(
                part.DataCase != Part.DataOneofCase.Text,
                $"config.system_instruction.parts[{index}]",
                $"must be text; {provider} supports only text here");
        }
    }

    /// <summary>Rejects unknown members and unsupported fields of a message.</summary>
    /// <param name="message">A message of the config.</param>
    /// <param name="name">Its name.</param>
    /// <param name="provider">The provider, in messages.</param>
    /// <param name="supported">The names of the supported fields.</param>
    public static void CheckFields(IMessage message, string name, string provider, params ReadOnlySpan<string> supported)
    {
        var shape = MessageShape.Of(message.Descriptor);
        foreach (var field in shape.Fields.Select(field => field.Descriptor))
        {
            if (!supported.Contains(field.Name) && MessageWriter.IsSet(field, message))
            {
                throw Refusal.Of($"{name}.{field.Name}", $"isn't supported by {provider}");
            }
        }

        var unknown = shape.GetExtra(message)?.Fields.Keys.FirstOrDefault();
        Refusal.If(unknown is not null, $"{name}.{unknown}", $"isn't supported by {provider}");
    }
}
