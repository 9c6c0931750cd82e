namespace GenAI.Chats.Engine.History;

/// <summary>
/// Contents for a model. If the responses to the calls of one answer come in several contents, they are joined into one, in the order of the calls, because
/// models accept them only this way. Added contents aren't changed.
/// </summary>
internal sealed class SentContents
{
    private readonly List<Content> _contents = [];

    // The contents with responses at the end, for which the list has only one. They are joined when the list is read: joining with each new one would take
    // quadratic time.
    private readonly List<Content> _responses = [];
    private bool _isJoined = true;

    /// <summary>Gets the contents so far. Later contents are added to the same list.</summary>
    public IReadOnlyList<Content> List
    {
        get
        {
            if (!_isJoined)
            {
                _contents[^1] = Join();
                _isJoined = true;
            }

            return _contents;
        }
    }

    /// <summary>Adds the next content.</summary>
    public void Add(Content next)
    {
        if (next.Role == Curation.Model || !FunctionCalls.HasResponses(next))
        {
            _ = List;
            _responses.Clear();
            _contents.Add(next);
            return;
        }

        _responses.Add(next);
        if (_responses.Count == 1)
        {
            _contents.Add(next);
        }
        else
        {
            _isJoined = false;
        }
    }

    private Content Join()
    {
        var joined = new Content();
        foreach (var content in _responses)
        {
            joined.MergeFrom(content);
        }

        if (Calls().Match(joined, out var callOf) is null)
        {
            var ordered = joined.Parts.Select((part, i) => (Part: part, Call: callOf[i])).OrderBy(p => (uint)p.Call).Select(p => p.Part).ToList();
            joined.Parts.Clear();
            joined.Parts.Add(ordered);
        }

        return joined;
    }

    // The calls of the model's contents before the responses.
    private OpenCalls Calls()
    {
        var first = _contents.Count - 1;
        while (first > 0 && _contents[first - 1].Role == Curation.Model)
        {
            first--;
        }

        var calls = new OpenCalls();
        for (var i = first; i < _contents.Count - 1; i++)
        {
            calls.Add(_contents[i]);
        }

        return calls;
    }
}
