using System.Diagnostics;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Sets the attributes of a call's span: settings, counts, and names, but no content.</summary>
internal static class SpanAttributes
{
    /// <summary>Describes the request.</summary>
    public static void Describe(Activity span, ModelRequest request)
    {
        if (request.ConversationId is { } conversation)
        {
            span.SetTag(Attributes.Conversation, conversation);
        }

        if (request.Stream)
        {
            span.SetTag(Attributes.RequestStream, true);
        }

        if (request.Config is not { } config)
        {
            return;
        }

        Set(span, Attributes.Temperature, config.HasTemperature, config.Temperature);
        Set(span, Attributes.TopP, config.HasTopP, config.TopP);
        Set(span, Attributes.TopK, config.HasTopK, config.TopK);
        Set(span, Attributes.MaxTokens, config.HasMaxOutputTokens, config.MaxOutputTokens);
        Set(span, Attributes.Seed, config.HasSeed, config.Seed);
        Set(span, Attributes.PresencePenalty, config.HasPresencePenalty, config.PresencePenalty);
        Set(span, Attributes.FrequencyPenalty, config.HasFrequencyPenalty, config.FrequencyPenalty);
        Set(span, Attributes.ChoiceCount, config.CandidateCount > 1, config.CandidateCount);
        Set(span, Attributes.OutputType, config.ResponseMimeType == "application/json", "json");
    }

    /// <summary>Describes a response. Later responses override earlier ones.</summary>
    public static void Describe(Activity span, GenerateContentResponse response)
    {
        Set(span, Attributes.ResponseId, response.ResponseId.Length > 0, response.ResponseId);
        Set(span, Attributes.ResponseModel, response.ModelVersion.Length > 0, response.ModelVersion);
        if (response.Candidates.Any(candidate => candidate.FinishReason.Length > 0))
        {
            span.SetTag(Attributes.FinishReasons, response.Candidates.Select(candidate => candidate.FinishReason).ToArray());
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
            span.SetTag(Attributes.ServerAddress, address.Host);
            span.SetTag(Attributes.ServerPort, address.Port);
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
        span.SetTag(Attributes.InputTokens, TokenUse.Input(usage));
        span.SetTag(Attributes.OutputTokens, TokenUse.Output(usage));
        Set(span, Attributes.CachedTokens, usage.HasCachedContentTokenCount, usage.CachedContentTokenCount);
        Set(span, Attributes.ReasoningTokens, usage.HasThoughtsTokenCount, usage.ThoughtsTokenCount);
    }

    private static void Set<T>(Activity span, string name, bool isSet, T value)
    {
        if (isSet)
        {
            span.SetTag(name, value);
        }
    }
}
