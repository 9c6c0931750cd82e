using System.Text.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Token counts. OpenAI counts reasoning as a share of the completion, Gemini beside it.</summary>
internal static class OpenAiUsage
{
    /// <summary>Reads a usage object.</summary>
    public static UsageMetadata Read(JsonElement json)
    {
        var usage = new UsageMetadata();
        var reasoning = Detail(json, "completion_tokens_details", "reasoning_tokens");
        if (OpenAiJson.Number(json, "prompt_tokens") is { } prompt)
        {
            usage.PromptTokenCount = UsageCounts.Saturate(prompt);
        }

        if (OpenAiJson.Number(json, "completion_tokens") is { } completion)
        {
            usage.CandidatesTokenCount = UsageCounts.Saturate(completion - (reasoning ?? 0));
        }

        if (OpenAiJson.Number(json, "total_tokens") is { } total)
        {
            usage.TotalTokenCount = UsageCounts.Saturate(total);
        }

        if (reasoning is > 0)
        {
            usage.ThoughtsTokenCount = UsageCounts.Saturate(reasoning.Value);
        }

        if (Detail(json, "prompt_tokens_details", "cached_tokens") is > 0 and var cached)
        {
            usage.CachedContentTokenCount = UsageCounts.Saturate(cached);
        }

        return usage;
    }

    private static long? Detail(JsonElement json, string details, string name) =>
        OpenAiJson.Object(json, details) is { } inner ? OpenAiJson.Number(inner, name) : null;
}
