using System.Diagnostics;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Sets the attributes of a call's span: settings, counts, and names, but no content.</summary>
internal static class SpanAttributes
{
    /// <summary>Describes the request.</summary>
    public static void Describe(Activity span, ModelRequest request)
    {
        Set(span, "gen_ai.conversation.id", request.ConversationId is not null, request.ConversationId);
        Set(span, "gen_ai.request.stream", request.Stream, true);
        if (request.Config is not { } config)
        {
            return;
        }

        Set(span, "gen_ai.request.temperature", config.HasTemperature, config.Temperature);
        Set(span, "gen_ai.request.top_p", config.HasTopP, config.TopP);
        Set(span, "gen_ai.request.top_k", config.HasTopK, config.TopK);
        Set(span, "gen_ai.request.max_tokens", config.HasMaxOutputTokens, config.MaxOutputTokens);
        Set(span, "gen_ai.request.seed", config.HasSeed, config.Seed);
        Set(span, "gen_ai.request.presence_penalty", config.HasPresencePenalty, config.PresencePenalty);
        Set(span, "gen_ai.request.frequency_penalty", config.HasFrequencyPenalty, config.FrequencyPenalty);
        Set(span, "gen_ai.request.choice.count", config.CandidateCount > 1, config.CandidateCount);
        Set(span, "gen_ai.output.type", config.ResponseMimeType == "application/json", "json");
    }

    /// <summary>Describes a response. Later responses override earlier ones.</summary>
    public static void Describe(Activity span, GenerateContentResponse response)
    {
        Set(span, "gen_ai.response.id", response.ResponseId.Length > 0, response.ResponseId);
        Set(span, Attributes.ResponseModel, response.ModelVersion.Length > 0, response.ModelVersion);
        if (response.Candidates.Any(candidate => candidate.FinishReason.Length > 0))
        {
            span.SetTag("gen_ai.response.finish_reasons", response.Candidates.Select(candidate => candidate.FinishReason).ToArray());
        }
    }

    /// <summary>Describes the target, and the error if there is one.</summary>
    public static void Describe(Activity span, ModelIdentity identity, string model, string? error)
    {
        span.DisplayName = $"{identity.Operation} {model}";
        span.SetTag(Attributes.Operation, identity.Operation);
        span.SetTag(Attributes.Provider, identity.Provider);
        span.SetTag(Attributes.RequestModel, model);
        if (identity.Address is { } address)
        {
            span.SetTag("server.address", address.Host);
            span.SetTag("server.port", address.Port);
        }

        if (error is not null)
        {
            // No description: a provider's message can repeat content.
            span.SetTag(Attributes.ErrorType, error);
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>Describes the token usage.</summary>
    public static void Describe(Activity span, UsageMetadata usage)
    {
        span.SetTag("gen_ai.usage.input_tokens", Input(usage));
        span.SetTag("gen_ai.usage.output_tokens", Output(usage));
        Set(span, "gen_ai.usage.cache_read.input_tokens", usage.HasCachedContentTokenCount, usage.CachedContentTokenCount);
        Set(span, "gen_ai.usage.reasoning.output_tokens", usage.HasThoughtsTokenCount, usage.ThoughtsTokenCount);
    }

    /// <summary>Returns the input tokens as providers bill them, including the results of the model's own tools.</summary>
    public static long Input(UsageMetadata usage) => (long)usage.PromptTokenCount + usage.ToolUsePromptTokenCount;

    /// <summary>Returns the output tokens as providers bill them, including thoughts.</summary>
    public static long Output(UsageMetadata usage) => (long)usage.CandidatesTokenCount + usage.ThoughtsTokenCount;

    private static void Set<T>(Activity span, string name, bool isSet, T value)
    {
        if (isSet)
        {
            span.SetTag(name, value);
        }
    }
}

/// <summary>Attribute names of OpenTelemetry's conventions for generative AI (1.41) that are used in several places.</summary>
internal static class Attributes
{
    public const string ErrorType = "error.type";
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string TokenType = "gen_ai.token.type";
}
