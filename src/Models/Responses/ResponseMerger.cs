namespace GenAI.Chats.Models.Responses;

/// <summary>
/// Merges the chunks of a stream into one response. Candidates are matched by index. Their parts are appended in order, and joined according to
/// <see cref="PartJoin"/>. Citations, grounding, URL context, and log probabilities grow. Other later members replace earlier ones.
/// </summary>
/// <remarks>Takes linear time. Not thread-safe.</remarks>
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

    /// <summary>Adds the next chunk. It isn't modified or shared.</summary>
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

    /// <summary>Returns the merged response. The caller owns it.</summary>
    public GenerateContentResponse ToResponse()
    {
        var response = _response.Clone();
        response.Candidates.Add(_candidates.Values.Select(candidate => candidate.ToCandidate()));
        return response;
    }
}
