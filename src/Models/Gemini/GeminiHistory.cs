using System.Text.RegularExpressions;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>A chat's contents as a Gemini model takes them: what came from another model, or from Google's other API, may not fit.</summary>
internal static partial class GeminiHistory
{
    /// <summary>
    /// What Google documents for what another model made: Gemini 3 refuses calls without a signature, and its image models pictures, and takes
    /// this one for any. It is sent and never stored.
    /// </summary>
    public const string PlaceholderSignature = "skip_thought_signature_validator";

    /// <summary>The history, then the turn's own contents. None of them is changed: those that are sent otherwise are copies.</summary>
    public static IReadOnlyList<Content> ToSend(IReadOnlyList<Content> history, ModelRequest request, bool vertex)
    {
        var contents = new List<Content>(history.Count + request.Contents.Count);
        contents.AddRange(history.Select(content => WithoutOtherApis(content, vertex)));
        contents.AddRange(request.Contents.Select(WithoutOtherMakers));
        if (WantsSignatures(request.Model, out var isImageModel))
        {
            SignCalls(contents);
            if (isImageModel)
            {
                SignPictures(contents);
            }
        }

        return contents;
    }

    private static Content WithoutOtherMakers(Content content)
    {
        if (!KeptMembers.AreIn(content))
        {
            return content;
        }

        var sent = content.Clone();
        KeptMembers.RemoveFrom(sent);
        return sent;
    }

    // The turn's own message is checked instead: see GeminiRules.
    private static Content WithoutOtherApis(Content content, bool vertex)
    {
        if (!KeptMembers.AreIn(content) && !content.Parts.Any(part => GeminiRules.FindForeign(part, vertex) is not null))
        {
            return content;
        }

        var sent = content.Clone();
        KeptMembers.RemoveFrom(sent);
        foreach (var part in sent.Parts)
        {
            while (GeminiRules.FindForeign(part, vertex) is { } foreign)
            {
                foreign.Clear();
            }
        }

        // What was nothing else is nothing now.
        for (var i = sent.Parts.Count - 1; i >= 0; i--)
        {
            if (sent.Parts[i].CalculateSize() == 0)
            {
                sent.Parts.RemoveAt(i);
            }
        }

        return sent;
    }

    // Models before Gemini 3 take calls without one. Names such as gemini-flash-latest stand for later ones.
    private static bool WantsSignatures(string model, out bool isImageModel)
    {
        var id = model[(model.LastIndexOf('/') + 1)..];
        isImageModel = id.Contains("-image", StringComparison.Ordinal);
        return GenerationPattern.Match(id) is { Success: true } match
            && (match.Groups["generation"].ValueSpan is not { Length: 1 } generation || generation[0] >= '3');
    }

    [GeneratedRegex(@"^gemini-((?<generation>\d{1,3})([.-].*)?|[a-z-]+-latest)\z")]
    private static partial Regex GenerationPattern { get; }

    // A step is a run of model contents. Of its calls Gemini signs the first; a step with any signature is Gemini's own.
    private static void SignCalls(List<Content> contents)
    {
        for (var start = 0; start < contents.Count;)
        {
            var end = start;
            while (end < contents.Count && contents[end].Role == "model")
            {
                end++;
            }

            SignStep(contents, start, end);
            start = end + 1;
        }
    }

    private static void SignStep(List<Content> contents, int start, int end)
    {
        (int Content, int Part)? first = null;
        for (var i = start; i < end; i++)
        {
            for (var j = 0; j < contents[i].Parts.Count; j++)
            {
                var part = contents[i].Parts[j];
                if (part.HasThoughtSignature)
                {
                    return;
                }

                first ??= part.DataCase == Part.DataOneofCase.FunctionCall ? (i, j) : null;
            }
        }

        if (first is { } call)
        {
            contents[call.Content] = contents[call.Content].Clone();
            contents[call.Content].Parts[call.Part].ThoughtSignature = PlaceholderSignature;
        }
    }

    // Of an answer, an image model signs the first part behind the thoughts, and each picture. Thoughts need no signature.
    private static void SignPictures(List<Content> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i].Role != "model")
            {
                continue;
            }

            var parts = contents[i].Parts;
            var isForeign = !parts.Any(part => part.HasThoughtSignature);
            var unsigned = Enumerable.Range(0, parts.Count).Where(j => !parts[j].Thought && !parts[j].HasThoughtSignature)
                .Where((j, place) => parts[j].DataCase == Part.DataOneofCase.InlineData || (isForeign && place == 0)).ToList();
            if (unsigned.Count > 0)
            {
                contents[i] = contents[i].Clone();
                unsigned.ForEach(j => contents[i].Parts[j].ThoughtSignature = PlaceholderSignature);
            }
        }
    }
}
