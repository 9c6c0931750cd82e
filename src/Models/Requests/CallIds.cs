namespace GenAI.Chats.Models.Requests;

/// <summary>
/// The IDs that connect function responses with their calls. Gemini can omit them, other providers require them. A missing ID is derived from the
/// call's position in the conversation, so it is the same in every request.
/// </summary>
internal sealed class CallIds
{
    /// <summary>OpenAI rejects longer IDs.</summary>
    private const int MaxLength = 40;

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<(string Given, string Name, string Id)> _open = [];
    private int _count;

    /// <summary>Gets or sets whether responses without a call are accepted.</summary>
    public bool AcceptsAnyResponse { get; set; }

    /// <summary>Adds the next call and returns its ID.</summary>
    public string Add(FunctionCall call)
    {
        _count++;
        var id = call.Id is { Length: > 0 and <= MaxLength } given && _used.Add(given) ? given : Make();
        _open.Add((call.Id, call.Name, id));
        return id;
    }

    /// <summary>Returns the ID of a response's call: the call with its ID, otherwise the oldest open call with its name. Null if there is none.</summary>
    public string? Find(FunctionResponse response)
    {
        var index = response.Id.Length > 0 ? _open.FindIndex(call => call.Given == response.Id) : -1;
        if (index < 0)
        {
            index = _open.FindIndex(call => call.Name == response.Name && (call.Given.Length == 0 || response.Id.Length == 0));
        }

        if (index < 0)
        {
            return AcceptsAnyResponse ? Make() : null;
        }

        var id = _open[index].Id;
        _open.RemoveAt(index);
        return id;
    }

    private string Make()
    {
        var id = $"call_{_count}";
        while (!_used.Add(id))
        {
            id += "_";
        }

        return id;
    }
}
