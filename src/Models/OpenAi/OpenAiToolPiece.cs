using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>What one delta says of a tool call, or a message all of it.</summary>
/// <param name="Json">The piece. It is valid as long as the delta is read.</param>
/// <param name="Id">The call's id; null for none.</param>
/// <param name="Index">The call's index; null for none.</param>
/// <param name="Name">The function's name, or a piece of it; empty for none.</param>
/// <param name="Arguments">Arguments, or a piece of them; empty for none.</param>
internal sealed record OpenAiToolPiece(JsonElement Json, string? Id, long? Index, string Name, string Arguments)
{
    /// <summary>Reads a piece.</summary>
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

    /// <summary>Adds the members that this service has no field for.</summary>
    public void AddOthersTo(JsonDeltas others)
    {
        others.Add(Json, member => member.Name is "id" or "index" or "type" or "function");
        if (OpenAiJson.Object(Json, "function") is { } function)
        {
            others.Add(function, member => member.Name is "name" or "arguments", "function");
        }
    }

    // A string by the API's book; some give the object itself.
    private static string ArgumentsOf(JsonElement function) =>
        !function.TryGetProperty("arguments", out var arguments) ? "" : arguments.ValueKind switch
        {
            JsonValueKind.String => JsonText.ReadPiece(arguments),
            JsonValueKind.Null => "",
            _ => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(arguments)),
        };
}
