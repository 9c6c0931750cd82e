using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Maps config fields to the request.</summary>
internal static class OpenAiConfig
{
    /// <summary>The provider's name in messages.</summary>
    public const string Provider = "provider OpenAI";

    /// <summary>Adds the config's members to a request's body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static void AddTo(JsonObject body, GenerateContentConfig config, bool isOpenAisOwn)
    {
        PortableConfig.Check(
            config,
            Provider,
            GenerateContentConfig.ResponseLogprobsFieldNumber,
            GenerateContentConfig.LogprobsFieldNumber,
            GenerateContentConfig.ServiceTierFieldNumber,
            GenerateContentConfig.StoreFieldNumber);
        JsonBody.Add(body, "temperature", config.HasTemperature, config.Temperature);
        JsonBody.Add(body, "top_p", config.HasTopP, config.TopP);
        JsonBody.Add(body, "n", config.HasCandidateCount, config.CandidateCount);
        JsonBody.Add(body, isOpenAisOwn ? "max_completion_tokens" : "max_tokens", config.HasMaxOutputTokens, config.MaxOutputTokens);
        JsonBody.Add(body, "presence_penalty", config.HasPresencePenalty, config.PresencePenalty);
        JsonBody.Add(body, "frequency_penalty", config.HasFrequencyPenalty, config.FrequencyPenalty);
        JsonBody.Add(body, "seed", config.HasSeed, config.Seed);
        JsonBody.Add(body, "logprobs", config.HasResponseLogprobs, config.ResponseLogprobs);
        JsonBody.Add(body, "top_logprobs", config.HasLogprobs, config.Logprobs);
        JsonBody.Add(body, "store", config.HasStore, config.Store);
        JsonBody.Add(body, "service_tier", config.HasServiceTier, config.ServiceTier == "standard" ? "default" : config.ServiceTier);
        JsonBody.Add(
            body,
            "reasoning_effort",
            config.ThinkingConfig is { HasThinkingLevel: true },
            config.ThinkingConfig?.ThinkingLevel.ToLowerInvariant());
        if (config.StopSequences.Count > 0)
        {
            body["stop"] = new JsonArray([.. config.StopSequences.Select(sequence => JsonValue.Create(sequence))]);
        }

        AddFormat(body, config);
        AddTools(body, PortableTools.Of(config, Provider));
        ExtraBody.AddTo(body, config, "model", "messages", "stream", "stream_options");
    }

    private static void AddFormat(JsonObject body, GenerateContentConfig config)
    {
        if (JsonSchemas.Of(config.ResponseSchema, config.ResponseJsonSchema) is { } schema)
        {
            body["response_format"] = new JsonObject
            {
                ["type"] = "json_schema",
                ["json_schema"] = new JsonObject { ["name"] = "response", ["schema"] = schema },
            };
        }
        else if (config.ResponseMimeType == "application/json")
        {
            body["response_format"] = new JsonObject { ["type"] = "json_object" };
        }
    }

    private static void AddTools(JsonObject body, PortableTools tools)
    {
        if (tools.Functions.Count > 0)
        {
            body["tools"] = new JsonArray([.. tools.Functions.Select(FunctionOf)]);
        }

        if (tools.Mode != FunctionChoice.Unset)
        {
            body["tool_choice"] = tools.Mode switch
            {
                FunctionChoice.Required => "required",
                FunctionChoice.None => "none",
                _ => "auto",
            };
        }
    }

    private static JsonObject FunctionOf(PortableFunction function)
    {
        var json = new JsonObject { ["name"] = function.Name };
        var description = function.Response is null
            ? function.Description
            : $"{function.Description}\n\nIt returns JSON of this schema: {function.Response.ToJsonString()}".TrimStart();
        JsonBody.Add(json, "description", description.Length > 0, description);
        JsonBody.Add(json, "parameters", function.Parameters is not null, function.Parameters);
        return new JsonObject { ["type"] = "function", ["function"] = json };
    }
}
