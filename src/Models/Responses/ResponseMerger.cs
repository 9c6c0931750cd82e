using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Responses;

/// <summary>
/// Makes one response of a stream's chunks. Candidates are matched by index; their parts are appended in order, and joined where
/// <see cref="PartJoin"/> allows it; citations, grounding, pages read and log probabilities grow; of everything else the latest counts, member by
/// member.
/// </summary>
/// <remarks>It takes time in proportion to what is added. Not for use by several threads at once.</remarks>
public sealed class ResponseMerger
{
    private readonly GenerateContentResponse _response = new();
    private readonly SortedDictionary<int, CandidateMerger> _candidates = [];

    /// <summary>Merges chunks into one response.</summary>
    public static GenerateContentResponse Merge(IEnumerable<GenerateContentResponse> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        var merger = new ResponseMerger();
        foreach (var chunk in chunks)
        {
            merger.Add(chunk);
        }

        return merger.ToResponse();
    }

    /// <summary>Adds the next chunk. It is not changed, and nothing of it is shared.</summary>
    public void Add(GenerateContentResponse chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        var rest = chunk.Clone();
        foreach (var candidate in rest.Candidates)
        {
            if (!_candidates.TryGetValue(candidate.Index, out var merger))
            {
                _candidates.Add(candidate.Index, merger = new CandidateMerger());
            }

            merger.Add(candidate);
        }

        rest.Candidates.Clear();
        LatestWins.Merge(_response, rest);
    }

    /// <summary>What has been added so far, as one response of the caller's own.</summary>
    public GenerateContentResponse ToResponse()
    {
        var response = _response.Clone();
        response.Candidates.Add(_candidates.Values.Select(candidate => candidate.ToCandidate()));
        return response;
    }
}
