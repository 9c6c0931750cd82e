using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Requests;

/// <summary>
/// The ids by which a function's response finds its call. Gemini may leave them out; others want them. One that is missing is made of the
/// call's place in the conversation, so that it is the same in every request.
/// </summary>
internal sealed class CallIds
{
    /// <summary>OpenAI refuses longer ones.</summary>
    private const int MaxLength = 40;

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<(string Given, string Name, string Id)> _open = [];
    private int _count;

    /// <summary>Whether a response may come without its call.</summary>
    public bool TakesAnyResponse { get; set; }

    /// <summary>Takes the next call, and says its id.</summary>
    public string Add(FunctionCall call)
    {
        _count++;
        var id = call.Id is { Length: > 0 and <= MaxLength } given && _used.Add(given) ? given : Make();
        _open.Add((call.Id, call.Name, id));
        return id;
    }

    /// <summary>The id of the call that a response answers: by its id, else the oldest open one of its name. Null where there is none.</summary>
    public string? Find(FunctionResponse response)
    {
        var index = response.Id.Length > 0 ? _open.FindIndex(call => call.Given == response.Id) : -1;
        if (index < 0)
        {
            index = _open.FindIndex(call => call.Name == response.Name && (call.Given.Length == 0 || response.Id.Length == 0));
        }

        if (index < 0)
        {
            return TakesAnyResponse ? Make() : null;
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
