using System.Text;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.Echo;

/// <summary>Reads and splits the messages for the echo model.</summary>
internal static class EchoText
{
    /// <summary>Returns the joined texts and function responses of the last user content. Empty if there is none.</summary>
    public static string LastMessage(IReadOnlyList<Content> contents)
    {
        var last = contents.LastOrDefault(content => content.Role is "user" or "");
        return last is null ? "" : string.Concat(last.Parts.Select(TextOf));
    }

    /// <summary>Returns the number of contents with function responses.</summary>
    public static int CountAnswered(IReadOnlyList<Content> contents) =>
        contents.Count(content => content.Parts.Any(part => part.DataCase == Part.DataOneofCase.FunctionResponse));

    /// <summary>Returns the end of the word at <paramref name="start"/>, including its space.</summary>
    public static int EndOfWord(string text, int start)
    {
        var space = text.IndexOf(' ', start);
        return space < 0 ? text.Length : space + 1;
    }

    /// <summary>Returns the number of words.</summary>
    public static int CountWords(string text) => text.AsSpan().Count(' ') + (text.Length > 0 && text[^1] != ' ' ? 1 : 0);

    private static string TextOf(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => part.Text,
        Part.DataOneofCase.FunctionResponse => TextOf(part.FunctionResponse.Response),
        _ => "",
    };

    // By convention, these members contain the result. Otherwise the response is echoed as JSON.
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
