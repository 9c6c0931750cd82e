using GenAI.Chats.V1;

namespace GenAI.Chats.Grains.Engine;

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
    /// and the user's content before it.
    /// </summary>
    /// <param name="history">Contents with the role user or model.</param>
    /// <returns>Their indexes.</returns>
    public static HashSet<int> Uncurated(IReadOnlyList<Content> history)
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
