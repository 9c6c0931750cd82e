using GenAI.Chats.V1;
using Google.Protobuf.Collections;

namespace GenAI.Chats.Models.Responses;

/// <summary>
/// Makes one response of those that continue each other, each of them the answer to a request of its own. Lists grow, counts are added, of
/// single values the latest counts.
/// </summary>
internal sealed class ContinuedResponse
{
    private readonly GenerateContentResponse _response = new();

    /// <summary>Adds the next response. It is not changed.</summary>
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

    /// <summary>What has been added so far, without tokens. It is the caller's own once nothing more is added.</summary>
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
        var tokens = (known.HasTokenCount, next.HasTokenCount) is (true, true) ? known.TokenCount + next.TokenCount : (int?)null;
        var logprobs = known.LogprobsResult is { HasLogProbabilitySum: true } && next.LogprobsResult is { HasLogProbabilitySum: true }
            ? known.LogprobsResult.LogProbabilitySum + next.LogprobsResult.LogProbabilitySum
            : (double?)null;
        // How the last one ended is how all of them did.
        known.FinishReason = "";
        known.ClearFinishMessage();
        known.MergeFrom(next);
        KeepLatest(known.SafetyRatings);
        if (tokens is { } count)
        {
            known.TokenCount = count;
        }

        if (logprobs is { } sum)
        {
            known.LogprobsResult.LogProbabilitySum = sum;
        }
    }

    // What the supports point to has moved behind what was there.
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
