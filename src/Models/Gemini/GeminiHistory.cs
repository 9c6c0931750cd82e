using System.Text.RegularExpressions;
using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Adapts a chat's contents to a Gemini model. Contents of other models or of Google's other API might not be valid.</summary>
internal static partial class GeminiHistory
{
    /// <summary>
    /// The signature that Google documents for contents of other models. Gemini 3 rejects function calls without a signature, and its image models
    /// reject images without one. The placeholder is sent but never stored.
    /// </summary>
    public const string PlaceholderSignature = "skip_thought_signature_validator";

    /// <summary>Returns the history and the turn's own contents. The originals aren't modified.</summary>
    public static IReadOnlyList<Content> ToSend(IReadOnlyList<Content> history, ModelRequest request, bool vertex)
    {
        var contents = new List<Content>(history.Count + request.Contents.Count);
        contents.AddRange(history.Select(content => Adapt(content, part => GeminiRules.FindForeign(part, vertex))));
        // GeminiRules has checked the turn's own message.
        contents.AddRange(request.Contents.Select(content => Adapt(content, _ => null)));
        if (WantsSignatures(request.Model, out var isImageModel))
        {
            SignCalls(contents);
            if (isImageModel)
            {
                SignImages(contents);
            }
        }

        return contents;
    }

    private static Content Adapt(Content content, Func<Part, ForeignField?> findForeign)
    {
        if (!KeptMembers.AreIn(content) && !content.Parts.Any(part => findForeign(part) is not null))
        {
            return content;
        }

        var sent = content.Clone();
        KeptMembers.RemoveFrom(sent);
        foreach (var part in sent.Parts)
        {
            while (findForeign(part) is { } foreign)
            {
                foreign.Clear();
            }
        }

        // Without parts that are now empty.
        var parts = sent.Parts.Where(part => part.CalculateSize() > 0).ToList();
        sent.Parts.Clear();
        sent.Parts.Add(parts);
        return sent;
    }

    // Models before Gemini 3 accept calls without a signature. Names such as gemini-flash-latest refer to later models.
    private static bool WantsSignatures(string model, out bool isImageModel)
    {
        var id = model[(model.LastIndexOf('/') + 1)..];
        isImageModel = id.Contains("-image", StringComparison.Ordinal);
        return GenerationPattern.Match(id) is { Success: true } match
            && (match.Groups["generation"].ValueSpan is not { Length: 1 } generation || generation[0] >= '3');
    }

    [GeneratedRegex(@"^gemini-((?<generation>\d{1,3})([.-].*)?|[a-z-]+-latest)\z")]
    private static partial Regex GenerationPattern { get; }

    // A step is a sequence of model contents. Gemini signs its first call. A step with a signature is Gemini's own.
    private static void SignCalls(List<Content> contents)
    {
        for (var start = 0; start < contents.Count; start++)
        {
            var length = contents.Skip(start).TakeWhile(content => content.Role == "model").Count();
            var step = contents.GetRange(start, length);
            var first = step.FindIndex(content => content.Parts.Any(IsCall));
            if (first >= 0 && !step.Exists(content => content.Parts.Any(part => part.HasThoughtSignature)))
            {
                var signed = contents[start + first] = step[first].Clone();
                signed.Parts.First(IsCall).ThoughtSignature = PlaceholderSignature;
            }

            start += length;
        }
    }

    private static bool IsCall(Part part) => part.DataCase == Part.DataOneofCase.FunctionCall;

    // An image model signs the first part after the thoughts, and each image. Thoughts need no signature.
    private static void SignImages(List<Content> contents)
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
