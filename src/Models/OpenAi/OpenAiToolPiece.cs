using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A delta of a tool call, or a complete one of a message.</summary>
/// <param name="Json">The JSON. It is valid while the delta is read.</param>
/// <param name="Id">The call's ID, or null.</param>
/// <param name="Index">The call's index, or null.</param>
/// <param name="Name">The function's name or a fragment of it. Can be empty.</param>
/// <param name="Arguments">The arguments or a fragment of them. Can be empty.</param>
internal sealed record OpenAiToolPiece(JsonElement Json, string? Id, long? Index, string Name, string Arguments)
{
    /// <summary>Reads a delta.</summary>
    public static OpenAiToolPiece Read(JsonElement json)
    {
        var function = OpenAiJson.Object(json, "function");
        return new OpenAiToolPiece(
            json,
            OpenAiJson.Text(json, "id") is { Length: > 0 } id ? id : null,
            OpenAiJson.Number(json, "index"),
            (function is { } named ? OpenAiJson.Text(named, "name") : null) ?? "",
            function is { } called ? ArgumentsOf(called) : "");
    }

    /// <summary>Adds the members for which this service has no fields.</summary>
    public void AddOthersTo(JsonDeltas others)
    {
        others.Add(Json, member => member.Name is "id" or "index" or "type" or "function");
        if (OpenAiJson.Object(Json, "function") is { } function)
        {
            others.Add(function, member => member.Name is "name" or "arguments", "function");
        }
    }

    // According to the API it is a string, but some servers send the object itself.
    private static string ArgumentsOf(JsonElement function) =>
        !function.TryGetProperty("arguments", out var arguments) ? "" : arguments.ValueKind switch
        {
            JsonValueKind.String => JsonText.ReadPiece(arguments),
            JsonValueKind.Null => "",
            _ => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(arguments)),
        };
}
