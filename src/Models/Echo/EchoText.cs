using System.Text;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Echo;

/// <summary>What the echo model makes of a message, and how it splits it.</summary>
internal static class EchoText
{
    /// <summary>The text of the last user content: its texts and its function responses, joined. Empty where there is none.</summary>
    public static string LastMessage(IReadOnlyList<Content> contents)
    {
        var last = contents.LastOrDefault(content => content.Role is "user" or "");
        return last is null ? "" : string.Concat(last.Parts.Select(TextOf));
    }

    /// <summary>How often function calls have been answered in a turn's contents.</summary>
    public static int CountAnswered(IReadOnlyList<Content> contents) =>
        contents.Count(content => content.Parts.Any(part => part.DataCase == Part.DataOneofCase.FunctionResponse));

    /// <summary>The end of the word that begins at <paramref name="start"/>: behind the next space, or the text's own.</summary>
    public static int EndOfWord(string text, int start)
    {
        var space = text.IndexOf(' ', start);
        return space < 0 ? text.Length : space + 1;
    }

    /// <summary>In how many words a text is split; an empty text has none.</summary>
    public static int CountWords(string text) => text.AsSpan().Count(' ') + (text.Length > 0 && text[^1] != ' ' ? 1 : 0);

    private static string TextOf(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => part.Text,
        Part.DataOneofCase.FunctionResponse => TextOf(part.FunctionResponse.Response),
        _ => "",
    };

    // A function's response says what it has to say in one string by convention; else all of it is answered, as JSON.
    private static string TextOf(Struct? response)
    {
        if (response is null)
        {
            return "";
        }

        foreach (var name in (ReadOnlySpan<string>)["output", "result"])
        {
            if (response.Fields.TryGetValue(name, out var value) && value.KindCase == Value.KindOneofCase.StringValue)
            {
                return value.StringValue;
            }
        }

        return Encoding.UTF8.GetString(RestJson.Write(response));
    }
}
