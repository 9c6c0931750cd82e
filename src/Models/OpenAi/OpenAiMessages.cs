using System.Text.Json.Nodes;
using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Writes the messages of a request.</summary>
internal static class OpenAiMessages
{
    /// <summary>Returns the system message, if there is one, and the messages of the conversation.</summary>
    /// <param name="systemInstruction">The system instruction, or null.</param>
    /// <param name="contents">The conversation.</param>
    /// <param name="source">The API that is called. Its own members are sent back to it.</param>
    public static JsonArray Of(Content? systemInstruction, IReadOnlyList<PortableMessage> contents, string source)
    {
        var messages = new JsonArray();
        if (systemInstruction is { Parts.Count: > 0 })
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = string.Join("\n\n", systemInstruction.Parts.Select(part => part.Text)) });
        }

        // Thoughts are sent back with calls, and with the model's response to their results.
        string? thoughts = null;
        foreach (var content in contents)
        {
            if (content.IsModels)
            {
                var kept = KeptMembers.Find(content.Extra, source);
                thoughts = content.Pieces.Any(piece => piece is CallPiece) ? kept?.Thoughts ?? thoughts : thoughts;
                messages.Add(Assistant(content.Pieces, kept, thoughts, source));
            }
            else
            {
                thoughts = content.Pieces.Any(piece => piece is ResultPiece) ? thoughts : null;
                AddUsers(messages, content.Pieces);
            }
        }

        return messages;
    }

    /// <summary>Returns whether a MIME type is supported.</summary>
    public static bool TakesMedia(string mimeType, Uri? uri) =>
        mimeType.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
        || (uri is null && (AudioFormat(mimeType) is not null || IsPdf(mimeType)));

    private static JsonObject Assistant(IReadOnlyList<PortablePiece> pieces, KeptMembers? kept, string? thoughts, string source)
    {
        var text = string.Concat(pieces.OfType<TextPiece>().Select(piece => piece.Text));
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text.Length > 0 ? text : null };
        var calls = pieces.OfType<CallPiece>().Select(JsonNode (call) => Call(call, source)).ToArray();
        if (calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray(calls);
        }

        if (thoughts is not null && string.Concat(pieces.OfType<ThoughtPiece>().Select(piece => piece.Text)) is { Length: > 0 } thought)
        {
            message[thoughts] = thought;
        }

        if (kept is not null)
        {
            JsonBody.Complete(message, kept.Members);
        }

        return message;
    }

    private static JsonObject Call(CallPiece call, string source)
    {
        var json = new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Call.Name, ["arguments"] = RestJson.Write(call.Call.Args, call.Call.ArgsJson) },
        };
        if (KeptMembers.Find(call.Extra, source) is { } kept)
        {
            JsonBody.Complete(json, kept.Members);
        }

        return json;
    }

    // Function results must directly follow the calls.
    private static void AddUsers(JsonArray messages, IReadOnlyList<PortablePiece> pieces)
    {
        foreach (var result in pieces.OfType<ResultPiece>())
        {
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.Id, ["content"] = RestJson.Write(result.Response.Response, result.Response.ResponseJson) });
        }

        var parts = pieces.Where(piece => piece is TextPiece or MediaPiece).ToList();
        if (parts.Count > 0)
        {
            JsonNode content = parts is [TextPiece only] ? only.Text : new JsonArray([.. parts.Select(PartOf)]);
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = content });
        }
    }

    private static JsonObject PartOf(PortablePiece piece) => piece switch
    {
        TextPiece text => new JsonObject { ["type"] = "text", ["text"] = text.Text },
        MediaPiece { Data: null } image => Image(image.Uri!.AbsoluteUri),
        MediaPiece { Data: { } data } audio when AudioFormat(audio.MimeType) is { } format => new JsonObject
        {
            ["type"] = "input_audio",
            ["input_audio"] = new JsonObject { ["data"] = data.ToBase64(), ["format"] = format },
        },
        MediaPiece { Data: { } data } file when IsPdf(file.MimeType) => new JsonObject
        {
            ["type"] = "file",
            ["file"] = new JsonObject { ["filename"] = "document.pdf", ["file_data"] = DataUrl(file.MimeType, data) },
        },
        MediaPiece image => Image(DataUrl(image.MimeType, image.Data!)),
        _ => throw new ArgumentOutOfRangeException(nameof(piece), piece, "Not a part of a user message."),
    };

    private static JsonObject Image(string url) => new() { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = url } };

    private static string DataUrl(string mimeType, ByteString data) => $"data:{mimeType};base64,{data.ToBase64()}";

    private static bool IsPdf(string mimeType) => mimeType.Equals("application/pdf", StringComparison.OrdinalIgnoreCase);

    private static string? AudioFormat(string mimeType) => mimeType.ToLowerInvariant() switch
    {
        "audio/wav" or "audio/x-wav" or "audio/wave" => "wav",
        "audio/mp3" or "audio/mpeg" => "mp3",
        _ => null,
    };
}
