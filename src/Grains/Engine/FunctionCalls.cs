using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

/// <summary>Function calls in a model's contents, and the responses to them in the user's.</summary>
internal static class FunctionCalls
{
    /// <summary>
    /// A content's calls, in order. A call whose arguments stream in takes several parts, of which the first names it.
    /// </summary>
    public static IReadOnlyList<FunctionCall> In(Content content)
    {
        List<FunctionCall>? calls = null;
        var continues = false;
        foreach (var part in content.Parts)
        {
            if (part.DataCase != Part.DataOneofCase.FunctionCall)
            {
                continue;
            }

            if (!continues)
            {
                (calls ??= []).Add(part.FunctionCall);
            }

            continues = part.FunctionCall.WillContinue;
        }

        return calls ?? (IReadOnlyList<FunctionCall>)[];
    }

    /// <summary>Responses as a chunk of a turn: a content of the user between two of the model.</summary>
    public static GenerateContentResponse Response(IEnumerable<Part> responses)
    {
        var content = new Content { Role = Curation.User };
        content.Parts.Add(responses);
        return new GenerateContentResponse { Candidates = { new Candidate { Content = content } } };
    }

    /// <summary>Whether a user's content answers calls.</summary>
    public static bool HasResponses(Content content)
    {
        foreach (var part in content.Parts)
        {
            if (part.DataCase == Part.DataOneofCase.FunctionResponse)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Finds the call that each response of a content answers: that with its id; else, where one of the two has no id, the first of its name.
    /// </summary>
    /// <param name="calls">The calls that wait for responses.</param>
    /// <param name="content">The user's content.</param>
    /// <param name="callOf">For each part the index of its call; -1 for a part that is no response.</param>
    /// <returns>Null when each response has a call of its own.</returns>
    public static ResponseMismatch? Match(IReadOnlyList<FunctionCall> calls, Content content, out int[] callOf)
    {
        var found = new int[content.Parts.Count];
        Array.Fill(found, -1);
        callOf = found;
        for (var i = 0; i < found.Length; i++)
        {
            if (content.Parts[i].FunctionResponse is not { Id.Length: > 0 } response)
            {
                continue;
            }

            var call = Find(c => c.Id == response.Id);
            if (call >= 0 && calls[call].Name != response.Name)
            {
                return new ResponseMismatch(i, "name", $"must be {calls[call].Name}, which the call with id {response.Id} is of");
            }

            found[i] = call;
        }

        for (var i = 0; i < found.Length; i++)
        {
            if (content.Parts[i].FunctionResponse is not { } response || found[i] >= 0)
            {
                continue;
            }

            found[i] = Find(c => c.Name == response.Name && (c.Id.Length == 0 || response.Id.Length == 0));
            if (found[i] < 0)
            {
                return response.Id.Length > 0
                    ? new ResponseMismatch(i, "id", "must be that of a function call that waits for its response")
                    : new ResponseMismatch(i, "name", "must be that of a function call that waits for its response");
            }
        }

        return null;

        // A call has one response.
        int Find(Func<FunctionCall, bool> fits)
        {
            for (var i = 0; i < calls.Count; i++)
            {
                if (fits(calls[i]) && Array.IndexOf(found, i) < 0)
                {
                    return i;
                }
            }

            return -1;
        }
    }

    /// <summary>
    /// Appends a content to those that a model is sent. Responses to one answer of the model that come in several contents become one, in the order of the
    /// calls, as models take them in no other way. What is passed stays as it is.
    /// </summary>
    public static void Append(List<Content> contents, Content next)
    {
        if (contents.Count == 0 || next.Role == Curation.Model || !HasResponses(next)
            || contents[^1].Role == Curation.Model || !HasResponses(contents[^1]))
        {
            contents.Add(next);
            return;
        }

        var joined = contents[^1].Clone();
        joined.MergeFrom(next);
        var calls = new List<FunctionCall>();
        for (var i = contents.Count - 2; i >= 0 && contents[i].Role == Curation.Model; i--)
        {
            calls.InsertRange(0, In(contents[i]));
        }

        if (Match(calls, joined, out var callOf) is null)
        {
            var ordered = joined.Parts.Select((part, i) => (Part: part, Call: callOf[i])).OrderBy(p => (uint)p.Call).Select(p => p.Part).ToList();
            joined.Parts.Clear();
            joined.Parts.Add(ordered);
        }

        contents[^1] = joined;
    }
}

/// <summary>Why function responses do not fit the calls that wait for them.</summary>
/// <param name="Part">The index of the part that does not fit; null: a response is missing.</param>
/// <param name="Member">Which member of its function response does not fit; empty: the response itself.</param>
/// <param name="Rule">What it would have to be.</param>
internal readonly record struct ResponseMismatch(int? Part, string Member, string Rule);
