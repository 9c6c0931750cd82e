using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <summary>The function calls that wait for their responses, while contents are walked through in order.</summary>
internal sealed class OpenCalls
{
    private readonly List<FunctionCall> _calls = [];
    private bool _afterModel;

    /// <summary>How many wait.</summary>
    public int Count => _calls.Count;

    /// <summary>
    /// Goes on to the next content. False: a call before it lacks its response, or a response in it lacks its call.
    /// </summary>
    /// <remarks>Neighbouring contents of one role count as one: SDKs keep each chunk of an answer as a content.</remarks>
    public bool Add(Content content)
    {
        if (content.Role == Curation.Model)
        {
            var fits = _afterModel || _calls.Count == 0;
            _afterModel = true;
            _calls.AddRange(FunctionCalls.In(content));
            return fits;
        }

        _afterModel = false;
        return FunctionCalls.HasResponses(content) ? TryAnswer(content) is null : _calls.Count == 0;
    }

    /// <summary>Takes a message of the user that is to answer all calls that wait.</summary>
    /// <returns>Null when it does.</returns>
    public ResponseMismatch? Answer(Content message)
    {
        if (_calls.Count == 0)
        {
            return new ResponseMismatch(
                FirstResponse(message), "", "answers no function call: none waits for its response");
        }

        var mismatch = TryAnswer(message);
        _afterModel = false;
        return mismatch is null && _calls is [var missing, ..]
            ? new ResponseMismatch(null, "", $"must answer every function call that waits for its response; {Name(missing)} is missing")
            : mismatch;
    }

    private ResponseMismatch? TryAnswer(Content content)
    {
        var mismatch = FunctionCalls.Match(_calls, content, out var callOf);
        if (mismatch is null)
        {
            foreach (var call in callOf.Where(call => call >= 0).OrderDescending())
            {
                _calls.RemoveAt(call);
            }
        }

        return mismatch;
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

    private static string Name(FunctionCall call) => call.Id.Length > 0 ? $"{call.Name} with id {call.Id}" : call.Name;
}
