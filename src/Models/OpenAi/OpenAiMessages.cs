using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The messages of a request.</summary>
internal static class OpenAiMessages
{
    /// <summary>The system's message, if there is one, and the conversation's.</summary>
    public static JsonArray Of(Content? systemInstruction, IReadOnlyList<PortableMessage> contents)
    {
        var messages = new JsonArray();
        if (systemInstruction is { Parts.Count: > 0 })
        {
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = string.Join("\n\n", systemInstruction.Parts.Select(part => part.Text)) });
        }

        foreach (var content in contents)
        {
            if (content.IsModels)
            {
                messages.Add(Assistant(content.Pieces));
            }
            else
            {
                AddUsers(messages, content.Pieces);
            }
        }

        return messages;
    }

    /// <summary>Whether there is a place for media of a type.</summary>
    public static bool TakesMedia(string mimeType, Uri? uri) =>
        mimeType.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
        || (uri is null && (AudioFormat(mimeType) is not null || IsPdf(mimeType)));

    private static JsonObject Assistant(IReadOnlyList<PortablePiece> pieces)
    {
        var text = string.Concat(pieces.OfType<TextPiece>().Select(piece => piece.Text));
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text.Length > 0 ? text : null };
        var calls = pieces.OfType<CallPiece>().Select(JsonNode (call) => new JsonObject
        {
            ["id"] = call.Id,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = Text(call.Arguments) },
        }).ToArray();
        if (calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray(calls);
        }

        return message;
    }

    // What functions returned comes right behind the calls, whatever the user says besides.
    private static void AddUsers(JsonArray messages, IReadOnlyList<PortablePiece> pieces)
    {
        foreach (var result in pieces.OfType<ResultPiece>())
        {
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.Id, ["content"] = Text(result.Response) });
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
        _ => throw new ArgumentOutOfRangeException(nameof(piece), piece, "A piece that no user's message has."),
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

    private static string Text(Struct json) => Encoding.UTF8.GetString(RestJson.Write(json));
}
