namespace GenAI.Chats.Engine.History;

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
    public static bool HasResponses(Content? content)
    {
        foreach (var part in content?.Parts ?? [])
        {
            if (part.DataCase == Part.DataOneofCase.FunctionResponse)
            {
                return true;
            }
        }

        return false;
    }
}
