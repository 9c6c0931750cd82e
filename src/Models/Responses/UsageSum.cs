using Google.Protobuf.Collections;

namespace GenAI.Chats.Models.Responses;

/// <summary>Adds up token usage.</summary>
public static class UsageSum
{
    /// <summary>Returns the sum of two usages. Counts are added, also per modality. Other fields are those of the turn. Arguments aren't modified.</summary>
    public static UsageMetadata? Add(UsageMetadata? total, UsageMetadata? turn)
    {
        if (total is null || turn is null)
        {
            return (turn ?? total)?.Clone();
        }

        // The counts that the turn doesn't have stay.
        var sum = total.Clone();
        if (turn.HasPromptTokenCount)
        {
            sum.PromptTokenCount = Add(sum.PromptTokenCount, turn.PromptTokenCount);
        }

        if (turn.HasCandidatesTokenCount)
        {
            sum.CandidatesTokenCount = Add(sum.CandidatesTokenCount, turn.CandidatesTokenCount);
        }

        if (turn.HasTotalTokenCount)
        {
            sum.TotalTokenCount = Add(sum.TotalTokenCount, turn.TotalTokenCount);
        }

        if (turn.HasThoughtsTokenCount)
        {
            sum.ThoughtsTokenCount = Add(sum.ThoughtsTokenCount, turn.ThoughtsTokenCount);
        }

        if (turn.HasCachedContentTokenCount)
        {
            sum.CachedContentTokenCount = Add(sum.CachedContentTokenCount, turn.CachedContentTokenCount);
        }

        if (turn.HasToolUsePromptTokenCount)
        {
            sum.ToolUsePromptTokenCount = Add(sum.ToolUsePromptTokenCount, turn.ToolUsePromptTokenCount);
        }

        if (turn.HasTrafficType)
        {
            sum.TrafficType = turn.TrafficType;
        }

        AddByModality(sum.PromptTokensDetails, turn.PromptTokensDetails);
        AddByModality(sum.CandidatesTokensDetails, turn.CandidatesTokensDetails);
        AddByModality(sum.CacheTokensDetails, turn.CacheTokensDetails);
        AddByModality(sum.ToolUsePromptTokensDetails, turn.ToolUsePromptTokensDetails);
        sum.Extra = turn.Extra ?? sum.Extra;
        sum.ExtraJson = turn.ExtraJson ?? sum.ExtraJson;
        return sum;
    }

    private static void AddByModality(RepeatedField<ModalityTokenCount> sums, RepeatedField<ModalityTokenCount> addends)
    {
        foreach (var addend in addends)
        {
            if (sums.FirstOrDefault(sum => sum.Modality == addend.Modality) is not { } known)
            {
                sums.Add(addend.Clone());
                continue;
            }

            if (addend.HasTokenCount)
            {
                known.TokenCount = Add(known.TokenCount, addend.TokenCount);
            }

            known.Extra = addend.Extra ?? known.Extra;
            known.ExtraJson = addend.ExtraJson ?? known.ExtraJson;
        }
    }

    private static int Add(int total, int count) => (int)Math.Min(int.MaxValue, (long)total + count);
}
