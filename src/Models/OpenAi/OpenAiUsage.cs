using System.Text.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Reads token counts.</summary>
internal static class OpenAiUsage
{
    /// <summary>Reads a usage object.</summary>
    public static UsageMetadata Read(JsonElement json) => UsageCounts.ToUsage(
        OpenAiJson.Number(json, "prompt_tokens"),
        OpenAiJson.Number(json, "completion_tokens"),
        OpenAiJson.Number(json, "total_tokens"),
        Detail(json, "completion_tokens_details", "reasoning_tokens"),
        Detail(json, "prompt_tokens_details", "cached_tokens"));

    private static long? Detail(JsonElement json, string details, string name) =>
        OpenAiJson.Object(json, details) is { } inner ? OpenAiJson.Number(inner, name) : null;
}
