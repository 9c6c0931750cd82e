using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Token counts as providers bill them.</summary>
internal static class TokenUse
{
    /// <summary>Returns the input tokens, including the results of the model's own tools.</summary>
    public static long Input(UsageMetadata usage) => (long)usage.PromptTokenCount + usage.ToolUsePromptTokenCount;

    /// <summary>Returns the output tokens, including thoughts.</summary>
    public static long Output(UsageMetadata usage) => (long)usage.CandidatesTokenCount + usage.ThoughtsTokenCount;
}
