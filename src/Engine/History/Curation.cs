using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.History;

/// <summary>
/// Which contents a model is sent again. The rules are those of the Google Gen AI SDK for Python (google/genai/chats.py), with its known defects mended.
/// </summary>
internal static class Curation
{
    public const string User = "user";
    public const string Model = "model";

    /// <summary>Whether a model's content can be sent again: it has parts, and none is empty. A text of no characters is not empty.</summary>
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
    /// Finds the contents of an initial history that its curated form leaves out: each run of model contents of which one is invalid,
    /// and the user's content before it. An exchange with function calls is left out whole, from its user's message on, where one of its contents is, a call
    /// lacks its response, or a response its call.
    /// </summary>
    /// <param name="history">Contents with the role user or model.</param>
    /// <param name="open">
    /// Where the exchange begins, at the history's end, whose function calls wait for their responses; the history's length when none does.
    /// </param>
    /// <returns>Their indexes.</returns>
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

    // An exchange goes on to the next message of the user that answers no function call.
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
                // Before a run that does not lead stands a user's content: a longest run has no model's content before it.
                for (var index = Math.Max(start - 1, 0); index < i; index++)
                {
                    left.Add(index);
                }
            }
        }

        return left;
    }
}
