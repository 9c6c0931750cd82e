using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>
/// Contents as short text, for tables: <c>u[hello]</c>, <c>m[one|two]</c>, <c>m[]</c> (no parts), <c>m[{}]</c> (an empty part),
/// <c>m[""]</c> (an empty text), <c>m[~hm]</c> (a thought), <c>m[text^sig]</c> (signed), <c>m[call:f#1]</c> and <c>u[reply:f#1]</c> (a
/// function, with an id).
/// </summary>
public static class Notation
{
    private const string EmptyText = "\"\"";
    private const string EmptyPart = "{}";
    private const string Call = "call:";
    private const string Reply = "reply:";

    /// <summary>Reads a content.</summary>
    public static Content Parse(string text)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        var role = text[..open];
        var content = new Content { Role = role switch { "u" => "user", "m" => "model", _ => role } };
        var inner = text[(open + 1)..^1];
        if (inner.Length > 0)
        {
            content.Parts.Add(inner.Split('|').Select(ParsePart));
        }

        return content;
    }

    /// <summary>Reads contents.</summary>
    public static Content[] Parse(IEnumerable<string> texts) => [.. texts.Select(Parse)];

    /// <summary>The content as JSON of the REST API.</summary>
    public static string ToJson(string text) => Encoding.UTF8.GetString(RestJson.Write(Parse(text)));

    /// <summary>Writes a content.</summary>
    public static string Of(Content? content)
    {
        if (content is null)
        {
            return "none";
        }

        var role = content.Role switch { "user" => "u", "model" => "m", var other => other };
        return $"{role}[{string.Join('|', content.Parts.Select(Of))}]";
    }

    /// <summary>Writes contents.</summary>
    public static string[] Of(IEnumerable<Content> contents) => [.. contents.Select(Of)];

    /// <summary>Writes the contents of a request that a model got.</summary>
    public static string[] OfContents(JsonElement body) =>
        Of(body.GetProperty("contents").EnumerateArray().Select(json => RestJson.Read<Content>(Encoding.UTF8.GetBytes(json.GetRawText()))));

    private static Part ParsePart(string text)
    {
        var part = new Part();
        if (text.Split('^') is [var signed, var signature])
        {
            part.ThoughtSignature = signature;
            text = signed;
        }

        if (text.StartsWith('~'))
        {
            part.Thought = true;
            text = text[1..];
        }

        if (text.StartsWith(Call, StringComparison.Ordinal))
        {
            var (name, id) = NameAndId(text[Call.Length..]);
            part.FunctionCall = new FunctionCall { Name = name, Args = new Struct() };
            if (id is not null)
            {
                part.FunctionCall.Id = id;
            }
        }
        else if (text.StartsWith(Reply, StringComparison.Ordinal))
        {
            var (name, id) = NameAndId(text[Reply.Length..]);
            part.FunctionResponse = new FunctionResponse
            {
                Name = name,
                Response = new Struct { Fields = { ["output"] = Value.ForString("ok") } },
            };
            if (id is not null)
            {
                part.FunctionResponse.Id = id;
            }
        }
        else if (text != EmptyPart)
        {
            part.Text = text == EmptyText ? "" : text;
        }

        return part;
    }

    private static (string Name, string? Id) NameAndId(string text) => text.Split('#') is [var name, var id] ? (name, id) : (text, null);

    private static string Of(Part part)
    {
        var data = part.DataCase switch
        {
            Part.DataOneofCase.None => EmptyPart,
            Part.DataOneofCase.Text => part.Text.Length == 0 ? EmptyText : part.Text,
            Part.DataOneofCase.FunctionCall => Call + part.FunctionCall.Name + (part.FunctionCall.HasId ? $"#{part.FunctionCall.Id}" : ""),
            Part.DataOneofCase.FunctionResponse =>
                Reply + part.FunctionResponse.Name + (part.FunctionResponse.HasId ? $"#{part.FunctionResponse.Id}" : ""),
            var other => other.ToString(),
        };
        return (part.Thought ? "~" : "") + data + (part.HasThoughtSignature ? $"^{part.ThoughtSignature}" : "");
    }
}
