namespace GenAI.Chats.Engine.History;

/// <summary>
/// Decides which contents are curated, and so are sent to models again. The rules are those of the Google Gen AI SDK for Python (google/genai/chats.py), with its known defects fixed.
/// </summary>
internal static class Curation
{
    public const string User = "user";
    public const string Model = "model";

    /// <summary>Returns whether a model's content can be sent again: it has parts, and none is empty. A text without characters isn't empty.</summary>
    public static bool IsValid(Content content)
    {
        if (content.Parts.Count == 0)
        {
            return false;
        }

        foreach (var part in content.Parts)
        {
            if (part.CalculateSize() == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Finds the contents of an initial history that aren't curated: each sequence of model contents with an invalid one, and the user's content before it. An
    /// exchange with function calls isn't curated at all, from its user's message on, if one of its contents isn't, a call has no response, or a response has
    /// no call.
    /// </summary>
    /// <param name="history">Contents with the role user or model.</param>
    /// <param name="open">
    /// The index at which the exchange with open function calls begins, at the history's end. The history's length if there is none.
    /// </param>
    /// <returns>The indexes of the contents.</returns>
    public static HashSet<int> Uncurated(IReadOnlyList<Content> history, out int open)
    {
        var left = UncuratedRuns(history);
        open = history.Count;
        for (var start = 0; start < history.Count;)
        {
            var end = EndOfExchange(history, start);
            var exchange = history.Skip(start).Take(end - start);
            if (exchange.Any(c => c.Role == Model ? FunctionCalls.In(c).Count > 0 : FunctionCalls.HasResponses(c)))
            {
                var calls = new OpenCalls();
                var fits = exchange.All(calls.Add) && !Enumerable.Range(start, end - start).Any(left.Contains);
                if (fits && calls.Count > 0 && end == history.Count)
                {
                    open = start;
                }
                else if (!fits || calls.Count > 0)
                {
                    left.UnionWith(Enumerable.Range(start, end - start));
                }
            }

            start = end;
        }

        return left;
    }

    // An exchange ends before the user's next message without function responses.
    private static int EndOfExchange(IReadOnlyList<Content> history, int start)
    {
        var end = start + 1;
        while (end < history.Count && (history[end].Role == Model || FunctionCalls.HasResponses(history[end])))
        {
            end++;
        }

        return end;
    }

    // The SDK's rule.
    private static HashSet<int> UncuratedRuns(IReadOnlyList<Content> history)
    {
        var left = new HashSet<int>();
        for (var i = 0; i < history.Count;)
        {
            if (history[i].Role != Model)
            {
                i++;
                continue;
            }

            var start = i;
            var valid = true;
            for (; i < history.Count && history[i].Role == Model; i++)
            {
                valid &= IsValid(history[i]);
            }

            if (!valid)
            {
                // The content before the sequence, if any, is the user's: otherwise it would be part of the sequence.
                for (var index = Math.Max(start - 1, 0); index < i; index++)
                {
                    left.Add(index);
                }
            }
        }

        return left;
    }
}
