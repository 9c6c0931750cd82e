using Google.Protobuf.Collections;

namespace GenAI.Chats.Models.Responses;

/// <summary>
/// Merges responses that continue each other, each of them from a separate request. Lists are concatenated, counts are added, and later single values
/// replace earlier ones.
/// </summary>
internal sealed class ContinuedResponse
{
    private readonly GenerateContentResponse _response = new();

    /// <summary>Adds the next response. It isn't modified.</summary>
    public void Add(GenerateContentResponse next)
    {
        var rest = next.Clone();
        var usage = UsageSum.Add(_response.UsageMetadata, rest.UsageMetadata);
        rest.UsageMetadata = null;
        var candidates = rest.Candidates.ToList();
        rest.Candidates.Clear();
        _response.MergeFrom(rest);
        _response.UsageMetadata = usage;
        foreach (var candidate in candidates)
        {
            if (_response.Candidates.FirstOrDefault(known => known.Index == candidate.Index) is { } known)
            {
                Merge(known, candidate);
            }
            else
            {
                _response.Candidates.Add(candidate);
            }
        }
    }

    /// <summary>Returns the merged response without continuation tokens. The caller owns it and must not add further responses.</summary>
    public GenerateContentResponse ToResponse()
    {
        foreach (var candidate in _response.Candidates)
        {
            candidate.ClearContinuationToken();
        }

        return _response;
    }

    private static void Merge(Candidate known, Candidate next)
    {
        Shift(next.GroundingMetadata, known.GroundingMetadata?.GroundingChunks.Count ?? 0, known.Content?.Parts.Count ?? 0);
        if (known.HasTokenCount && next.HasTokenCount)
        {
            next.TokenCount += known.TokenCount;
        }

        if (known.LogprobsResult is { HasLogProbabilitySum: true } && next.LogprobsResult is { HasLogProbabilitySum: true })
        {
            next.LogprobsResult.LogProbabilitySum += known.LogprobsResult.LogProbabilitySum;
        }

        // The last response determines how the merged response ended.
        known.FinishReason = "";
        known.ClearFinishMessage();
        known.MergeFrom(next);
        KeepLatest(known.SafetyRatings);
    }

    // The supports' indices refer to items that now follow the earlier ones.
    private static void Shift(GroundingMetadata? grounding, int chunks, int parts)
    {
        foreach (var support in grounding?.GroundingSupports ?? [])
        {
            for (var i = 0; i < support.GroundingChunkIndices.Count; i++)
            {
                support.GroundingChunkIndices[i] += chunks;
            }

            if (support.Segment is not null && parts > 0)
            {
                support.Segment.PartIndex += parts;
            }
        }
    }

    private static void KeepLatest(RepeatedField<SafetyRating> ratings)
    {
        var latest = ratings.GroupBy(rating => rating.Category).Select(category => category.Last()).ToList();
        ratings.Clear();
        ratings.Add(latest);
    }
}
