using System.Text;

namespace GenAI.Chats.Models.Responses;

/// <summary>Merges the chunks of one candidate.</summary>
internal sealed class CandidateMerger
{
    private readonly Candidate _candidate = new();
    private readonly List<Part> _parts = [];

    // The growing text of the last part. Concatenating strings would take quadratic time.
    private readonly StringBuilder _text = new();
    private Content? _content;

    /// <summary>Adds the candidate of the next chunk. The merger takes ownership of it.</summary>
    public void Add(Candidate chunk)
    {
        var content = chunk.Content;
        chunk.Content = null;
        LatestWins.Merge(_candidate, chunk);
        if (content is null)
        {
            return;
        }

        foreach (var part in content.Parts)
        {
            Add(part);
        }

        content.Parts.Clear();
        _content ??= new Content();
        LatestWins.Merge(_content, content);
    }

    /// <summary>Returns the merged candidate. The caller owns it.</summary>
    public Candidate ToCandidate()
    {
        FlushText();
        var candidate = _candidate.Clone();
        if (_content is not null)
        {
            candidate.Content = _content.Clone();
            candidate.Content.Parts.Add(_parts.Select(part => part.Clone()));
        }

        return candidate;
    }

    private void Add(Part part)
    {
        if (_parts.Count == 0 || !PartJoin.CanJoin(_parts[^1], part))
        {
            FlushText();
            _parts.Add(part);
            return;
        }

        if (_text.Length == 0)
        {
            _text.Append(_parts[^1].Text);
        }

        _text.Append(part.Text);
    }

    private void FlushText()
    {
        if (_text.Length > 0)
        {
            _parts[^1].Text = _text.ToString();
            _text.Clear();
        }
    }
}
