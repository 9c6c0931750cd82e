using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Counts of tokens as they are paid for.</summary>
internal static class TokenUse
{
    /// <summary>What was read, results of the model's own tools too.</summary>
    public static long Input(UsageMetadata usage) => (long)usage.PromptTokenCount + usage.ToolUsePromptTokenCount;

    /// <summary>What was said, and what was thought before.</summary>
    public static long Output(UsageMetadata usage) => (long)usage.CandidatesTokenCount + usage.ThoughtsTokenCount;
}
