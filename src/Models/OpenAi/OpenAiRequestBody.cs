using System.Text.Json.Nodes;
using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The body of a chat completion request.</summary>
internal static class OpenAiRequestBody
{
    // In messages.
    private const string Provider = "provider OpenAI";

    /// <summary>Writes the body.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static ReadOnlyMemory<byte> Write(ModelRequest request, IReadOnlyList<Content> history, OpenAiServer server)
    {
        var contents = NewContents().Read(history, request.Contents);
        var body = new JsonObject
        {
            ["model"] = request.Model,
            ["messages"] = OpenAiMessages.Of(request.Config?.SystemInstruction, contents, server.Source),
        };
        if (request.Stream)
        {
            body["stream"] = true;
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        if (request.Config is { } config)
        {
            AddConfig(body, config, server.IsOpenAisOwn);
        }

        return RestJson.Write(writer => body.WriteTo(writer));
    }

    /// <summary>Checks the config and contents, without the history.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: a field isn't supported. The message names it.</exception>
    public static void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        NewContents().Check(contents);
        if (config is not null)
        {
            AddConfig([], config, isOpenAisOwn: false);
        }
    }

    private static PortableContents NewContents() => new(OpenAiMessages.TakesMedia, Provider);

    private static void AddConfig(JsonObject body, GenerateContentConfig config, bool isOpenAisOwn)
    {
        PortableConfig.Check(config, Provider, "response_logprobs", "logprobs", "service_tier", "store");
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

        JsonBody.Add(body, "tool_choice", tools.Mode is not null, tools.Mode);
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
