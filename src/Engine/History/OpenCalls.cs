namespace GenAI.Chats.Engine.History;

/// <summary>
/// The function calls that wait for their responses, while contents are walked through in order. It takes time in proportion to the contents, however many
/// calls have the same name. When a content doesn't fit, the walk is over.
/// </summary>
internal sealed class OpenCalls
{
    private readonly List<FunctionCall> _calls = [];
    private readonly List<bool> _answered = [];
    private readonly Dictionary<string, Queue<int>> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, bool HasId), Queue<int>> _byName = [];
    private int _oldest;
    private bool _afterModel;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Goes on to the next content. False: a call before it lacks its response, or a response in it lacks its call.
    /// </summary>
    /// <remarks>Neighbouring contents of one role count as one: SDKs keep each chunk of an answer as a content.</remarks>
    public bool Add(Content content)
    {
        if (content.Role == Curation.Model)
        {
            var fits = _afterModel || Count == 0;
            _afterModel = true;
            foreach (var call in FunctionCalls.In(content))
            {
                Add(call);
            }

            return fits;
        }

        _afterModel = false;
        return FunctionCalls.HasResponses(content) ? Match(content, out _) is null : Count == 0;
    }

    /// <summary>Takes a message of the user that is to answer all calls that wait.</summary>
    /// <returns>Null when it does.</returns>
    public ResponseMismatch? Answer(Content message)
    {
        if (Count == 0)
        {
            return new ResponseMismatch(
                FirstResponse(message), "", "doesn't match a pending function call; the chat has no pending function calls");
        }

        _afterModel = false;
        var mismatch = Match(message, out _);
        return mismatch is null && Count > 0
            ? new ResponseMismatch(null, "", $"must include a response for every pending function call; missing: {Name(Oldest())}")
            : mismatch;
    }

    /// <summary>
    /// Finds the call that each response of a content answers, and which then no longer waits: that with its id; else, where one of the two has no id, the first
    /// of its name.
    /// </summary>
    /// <param name="content">The user's content.</param>
    /// <param name="callOf">For each part the number of its call, in order of the calls; -1 for a part that is no response.</param>
    /// <returns>Null when each response has a call of its own.</returns>
    public ResponseMismatch? Match(Content content, out int[] callOf)
    {
        callOf = new int[content.Parts.Count];
        Array.Fill(callOf, -1);
        for (var i = 0; i < callOf.Length; i++)
        {
            if (content.Parts[i].FunctionResponse is not { Id.Length: > 0 } response
                || First(_byId.GetValueOrDefault(response.Id)) is not (< int.MaxValue and var call))
            {
                continue;
            }

            if (_calls[call].Name != response.Name)
            {
                return new ResponseMismatch(i, "name", $"must be '{_calls[call].Name}', the name in the function call with ID '{response.Id}'");
            }

            callOf[i] = Answered(call);
        }

        for (var i = 0; i < callOf.Length; i++)
        {
            if (callOf[i] >= 0 || content.Parts[i].FunctionResponse is not { } response)
            {
                continue;
            }

            var hasId = response.Id.Length > 0;
            var call = First(_byName.GetValueOrDefault((response.Name, false)));
            call = hasId ? call : Math.Min(call, First(_byName.GetValueOrDefault((response.Name, true))));
            if (call == int.MaxValue)
            {
                return new ResponseMismatch(i, hasId ? "id" : "name", $"must match the {(hasId ? "ID" : "name")} of a pending function call");
            }

            callOf[i] = Answered(call);
        }

        return null;
    }

    private void Add(FunctionCall call)
    {
        var hasId = call.Id.Length > 0;
        if (hasId)
        {
            Enqueue(_byId, call.Id);
        }

        Enqueue(_byName, (call.Name, hasId));
        _calls.Add(call);
        _answered.Add(false);
        Count++;

        void Enqueue<TKey>(Dictionary<TKey, Queue<int>> queues, TKey key)
            where TKey : notnull
        {
            if (!queues.TryGetValue(key, out var queue))
            {
                queues.Add(key, queue = []);
            }

            queue.Enqueue(_calls.Count);
        }
    }

    // The first of some calls that waits. A call found through its other queue leaves this one here.
    private int First(Queue<int>? calls)
    {
        while (calls is { Count: > 0 })
        {
            if (!_answered[calls.Peek()])
            {
                return calls.Peek();
            }

            calls.Dequeue();
        }

        return int.MaxValue;
    }

    private int Answered(int call)
    {
        _answered[call] = true;
        Count--;
        return call;
    }

    private FunctionCall Oldest()
    {
        while (_answered[_oldest])
        {
            _oldest++;
        }

        return _calls[_oldest];
    }

    private static int FirstResponse(Content message)
    {
        var part = 0;
        while (message.Parts[part].DataCase != Part.DataOneofCase.FunctionResponse)
        {
            part++;
        }

        return part;
    }

    private static string Name(FunctionCall call) => call.Id.Length > 0 ? $"'{call.Name}' with ID '{call.Id}'" : $"'{call.Name}'";
}
