using GenAI.Chats.V1;

namespace GenAI.Chats.Client.Turns;

/// <summary>What a stream has handed out of a turn's answer, to compare a later attempt with.</summary>
internal sealed class HandedOut
{
    private readonly SortedDictionary<int, AnswerTrack> _tracks = [];

    /// <summary>Whether there is nothing that the present attempt has still to repeat.</summary>
    public bool IsRepeated => _tracks.Values.All(track => track.IsRepeated);

    /// <summary>Another attempt begins.</summary>
    public void Rewind()
    {
        foreach (var track in _tracks.Values)
        {
            track.Rewind();
        }
    }

    /// <summary>What a chunk has that was not handed out yet. Null: nothing.</summary>
    /// <param name="chunk">A chunk of the present attempt.</param>
    /// <param name="isRepetition">False: the attempt answers differently.</param>
    public GenerateContentResponse? Unseen(GenerateContentResponse chunk, out bool isRepetition)
    {
        isRepetition = true;
        if (IsRepeated)
        {
            return chunk;
        }

        var rest = chunk.Clone();
        foreach (var candidate in rest.Candidates)
        {
            if (_tracks.TryGetValue(candidate.Index, out var track) && !track.TryRepeat(candidate))
            {
                isRepetition = false;
                return null;
            }
        }

        return rest.Candidates.Any(c => c.FinishReason.Length > 0 || c.Content is { Parts.Count: > 0 }) ? rest : null;
    }

    /// <summary>Takes a chunk that is handed out.</summary>
    public void Add(GenerateContentResponse chunk)
    {
        foreach (var candidate in chunk.Candidates)
        {
            if (!_tracks.TryGetValue(candidate.Index, out var track))
            {
                _tracks.Add(candidate.Index, track = new AnswerTrack());
            }

            track.Add(candidate);
        }
    }

    /// <summary>All of it is void.</summary>
    public void Clear() => _tracks.Clear();
}
