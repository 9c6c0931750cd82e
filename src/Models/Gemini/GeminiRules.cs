using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Rejects what only the other one of Google's two APIs supports, before anything is sent.</summary>
internal static class GeminiRules
{
    /// <summary>Checks the config and the turn's own contents.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT, with the field's name.</exception>
    public static void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents, bool vertex)
    {
        if (config is not null)
        {
            ConfigForm.Check(config);
            CheckTogether(config);
            var field = (vertex ? DevelopersFields(config) : VertexsFields(config)).FirstOrDefault(field => field.IsSet).Name;
            Refusal.If(field is not null, $"config.{field}", OnlyOther(vertex));
            GeminiRequestBody.CheckExtraBody(config);
        }

        foreach (var (i, content) in contents.Index())
        {
            foreach (var (j, part) in content.Parts.Index())
            {
                var foreign = FindForeign(part, vertex)?.Name;
                Refusal.If(foreign is not null, $"contents[{i}].parts[{j}].{foreign}", OnlyOther(vertex));
            }
        }
    }

    /// <summary>Finds a field of a part that the API doesn't support, or null.</summary>
    public static ForeignField? FindForeign(Part part, bool vertex) => vertex ? FindDevelopers(part) : FindVertexs(part);

    private static string OnlyOther(bool vertex) =>
        vertex ? "is supported only by the Gemini Developer API" : "is supported only by Vertex AI";

    private static void CheckTogether(GenerateContentConfig config)
    {
        Refusal.If(
            config.HasCachedContent && (config.SystemInstruction is not null || config.Tools.Count > 0 || config.ToolConfig is not null),
            "config.cached_content",
            "can't be combined with system_instruction, tools, or tool_config");
        Refusal.If(
            config.ModelArmorConfig is not null && config.SafetySettings.Count > 0,
            "config.model_armor_config",
            "can't be combined with safety_settings");
    }

    private static ForeignField? FindDevelopers(Part part) => part switch
    {
        { DataCase: Part.DataOneofCase.ToolCall } => new("tool_call", part.ClearData),
        { DataCase: Part.DataOneofCase.ToolResponse } => new("tool_response", part.ClearData),
        { DataCase: Part.DataOneofCase.MediaProcessing } => new("media_processing", part.ClearData),
        { FunctionResponse.HasWillContinue: true } => new("function_response.will_continue", part.FunctionResponse.ClearWillContinue),
        { PartMetadata: not null } => new("part_metadata", () => part.PartMetadata = null),
        _ => null,
    };

    private static ForeignField? FindVertexs(Part part) => part switch
    {
        { FunctionCall.PartialArgs.Count: > 0 } => new("function_call.partial_args", part.FunctionCall.PartialArgs.Clear),
        { FunctionCall.HasWillContinue: true } => new("function_call.will_continue", part.FunctionCall.ClearWillContinue),
        _ => null,
    };

    private static IEnumerable<(string Name, bool IsSet)> DevelopersFields(GenerateContentConfig config)
    {
        yield return ("enable_enhanced_civic_answers", config.HasEnableEnhancedCivicAnswers);
        yield return ("store", config.HasStore);
        yield return (
            "tool_config.include_server_side_tool_invocations", config.ToolConfig is { HasIncludeServerSideToolInvocations: true });
        for (var i = 0; i < config.Tools.Count; i++)
        {
            yield return ($"tools[{i}].file_search", config.Tools[i].FileSearch is not null);
            yield return ($"tools[{i}].mcp_servers", config.Tools[i].McpServers.Count > 0);
        }
    }

    private static IEnumerable<(string Name, bool IsSet)> VertexsFields(GenerateContentConfig config)
    {
        yield return ("routing_config", config.RoutingConfig is not null);
        yield return ("model_selection_config", config.ModelSelectionConfig is not null);
        yield return ("audio_timestamp", config.HasAudioTimestamp);
        yield return ("model_armor_config", config.ModelArmorConfig is not null);
        yield return ("generation_output_config", config.GenerationOutputConfig is not null);
        yield return (
            "tool_config.function_calling_config.stream_function_call_arguments",
            config.ToolConfig?.FunctionCallingConfig is { HasStreamFunctionCallArguments: true });
        yield return ("image_config.person_generation", config.ImageConfig is { HasPersonGeneration: true });
        yield return ("image_config.prominent_people", config.ImageConfig is { HasProminentPeople: true });
        yield return ("image_config.output_mime_type", config.ImageConfig is { HasOutputMimeType: true });
        yield return ("image_config.output_compression_quality", config.ImageConfig is { HasOutputCompressionQuality: true });
        yield return ("image_config.image_output_options", config.ImageConfig is { ImageOutputOptions: not null });
        for (var i = 0; i < config.SafetySettings.Count; i++)
        {
            yield return ($"safety_settings[{i}].method", config.SafetySettings[i].HasMethod);
        }

        for (var i = 0; i < config.Tools.Count; i++)
        {
            var tool = config.Tools[i];
            yield return ($"tools[{i}].retrieval", tool.Retrieval is not null);
            yield return ($"tools[{i}].enterprise_web_search", tool.EnterpriseWebSearch is not null);
            yield return ($"tools[{i}].parallel_ai_search", tool.ParallelAiSearch is not null);
            yield return ($"tools[{i}].exa_ai_search", tool.ExaAiSearch is not null);
            yield return ($"tools[{i}].google_search.exclude_domains", tool.GoogleSearch is { ExcludeDomains.Count: > 0 });
            yield return ($"tools[{i}].google_search.blocking_confidence", tool.GoogleSearch is { HasBlockingConfidence: true });
        }
    }
}

/// <summary>A field that the API doesn't support, and an action that removes it.</summary>
internal sealed record ForeignField(string Name, Action Clear);
