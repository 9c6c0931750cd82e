namespace GenAI.Chats.Models.Responses;

/// <summary>Converts the token counts of other APIs.</summary>
internal static class UsageCounts
{
    /// <summary>Returns the counts, limited to 32 bits. Other APIs include reasoning in the completion.</summary>
    public static UsageMetadata ToUsage(long? prompt, long? completion, long? total, long? reasoning, long? cached)
    {
        var usage = new UsageMetadata();
        Set(prompt, count => usage.PromptTokenCount = count);
        Set(completion - (reasoning ?? 0), count => usage.CandidatesTokenCount = count);
        Set(total, count => usage.TotalTokenCount = count);
        Set(reasoning > 0 ? reasoning : null, count => usage.ThoughtsTokenCount = count);
        Set(cached > 0 ? cached : null, count => usage.CachedContentTokenCount = count);
        return usage;

        static void Set(long? count, Action<int> set)
        {
            if (count is { } known)
            {
                set((int)Math.Clamp(known, 0, int.MaxValue));
            }
        }
    }
}
