using GenAI.Chats.Models.Requests;
using Microsoft.Extensions.AI;

namespace GenAI.Chats.Models.ChatClients;

/// <summary>Maps config fields to <see cref="ChatOptions"/>.</summary>
internal static class ChatClientOptions
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    /// <summary>Returns the options of a call.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static ChatOptions Of(string model, GenerateContentConfig? config, string provider)
    {
        var options = new ChatOptions { ModelId = model };
        if (config is not null)
        {
            Check(config, ChatClientMessages.NameOf(provider));
            AddSampling(options, config);
            AddInstructions(options, config);
            AddTools(options, PortableTools.Of(config, ChatClientMessages.NameOf(provider)));
        }

        return options;
    }

    private static void Check(GenerateContentConfig config, string provider)
    {
        PortableConfig.Check(config, provider, "top_k");
        Refusal.If(ExtraBody.IsIn(config), "config.http_options.extra_body", $"isn't supported by {provider}");
        Refusal.If(
            config is { HasCandidateCount: true, CandidateCount: not 1 },
            "config.candidate_count",
            $"is {config.CandidateCount}; {provider} supports only 1");
        Refusal.If(
            config.HasTopK && config.TopK != Math.Truncate(config.TopK), "config.top_k", $"is {config.TopK}; {provider} supports only integers");
        Refusal.If(
            config.ThinkingConfig is { ThinkingLevel: "MINIMAL" },
            "config.thinking_config.thinking_level",
            $"is 'MINIMAL'; {provider} supports LOW, MEDIUM, and HIGH");
    }

    private static void AddSampling(ChatOptions options, GenerateContentConfig config)
    {
        options.Temperature = config.HasTemperature ? (float)config.Temperature : null;
        options.TopP = config.HasTopP ? (float)config.TopP : null;
        options.TopK = config.HasTopK ? (int)Math.Clamp(config.TopK, 0, int.MaxValue) : null;
        options.PresencePenalty = config.HasPresencePenalty ? (float)config.PresencePenalty : null;
        options.FrequencyPenalty = config.HasFrequencyPenalty ? (float)config.FrequencyPenalty : null;
        options.Seed = config.HasSeed ? config.Seed : null;
        options.MaxOutputTokens = config.HasMaxOutputTokens ? config.MaxOutputTokens : null;
        options.StopSequences = config.StopSequences.Count > 0 ? [.. config.StopSequences] : null;
        if (config.ThinkingConfig is { } thinking)
        {
            options.Reasoning = new ReasoningOptions
            {
                Effort = thinking.ThinkingLevel switch
                {
                    "LOW" => ReasoningEffort.Low,
                    "MEDIUM" => ReasoningEffort.Medium,
                    "HIGH" => ReasoningEffort.High,
                    _ => null,
                },
                Output = !thinking.HasIncludeThoughts ? null : thinking.IncludeThoughts ? ReasoningOutput.Full : ReasoningOutput.None,
            };
        }
    }

    private static void AddInstructions(ChatOptions options, GenerateContentConfig config)
    {
        if (config.SystemInstruction is { Parts.Count: > 0 } instruction)
        {
            options.Instructions = string.Join("\n\n", instruction.Parts.Select(part => part.Text));
        }

        options.ResponseFormat = JsonSchemas.Of(config.ResponseSchema, config.ResponseJsonSchema) is { } schema
            ? ChatResponseFormat.ForJsonSchema(JsonSerializer.SerializeToElement(schema), "response")
            : config.ResponseMimeType switch
            {
                "application/json" => ChatResponseFormat.Json,
                "text/plain" => ChatResponseFormat.Text,
                _ => null,
            };
    }

    private static void AddTools(ChatOptions options, PortableTools tools)
    {
        if (tools.Functions.Count > 0)
        {
            options.Tools = [.. tools.Functions.Select(AITool (function) => AIFunctionFactory.CreateDeclaration(
                function.Name,
                function.Description,
                function.Parameters is null ? NoParameters : JsonSerializer.SerializeToElement(function.Parameters),
                function.Response is null ? null : JsonSerializer.SerializeToElement(function.Response)))];
        }

        options.ToolMode = tools.Mode switch
        {
            "auto" => ChatToolMode.Auto,
            "required" => ChatToolMode.RequireAny,
            "none" => ChatToolMode.None,
            _ => null,
        };
    }
}
