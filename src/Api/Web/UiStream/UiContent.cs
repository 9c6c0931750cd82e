using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Converts the messages of pages to contents, and users' contents to messages.</summary>
internal static class UiContent
{
    private const string User = "user";
    private const string Base64Mark = ";base64,";
    private const string DataScheme = "data:";
    private const string ToolPrefix = "tool-";
    private const string DynamicTool = "dynamic-tool";

    /// <summary>Returns the content of a user's message: its texts and files.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">The path of the message in the request.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the message has other parts, or invalid ones.</exception>
    public static Content OfUser(JsonElement message, string path) =>
        Read([.. UiRequest.PartsOf(message, path).Select((part, i) => OfPart(part, $"{path}.parts[{i}]"))], path);

    /// <summary>Returns the responses to the function calls of an assistant's message: the outputs in the last step that has any.</summary>
    /// <param name="message">The message.</param>
    /// <param name="path">The path of the message in the request.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the message has no outputs.</exception>
    public static Content OfOutputs(JsonElement message, string path)
    {
        var responses = new List<JsonObject>();
        var isNewStep = true;
        foreach (var part in UiRequest.PartsOf(message, path))
        {
            var type = UiRequest.TextOf(part, "type");
            if (type == "step-start")
            {
                isNewStep = true;
            }
            else if (NameOf(part, type) is { } name && OutputOf(part) is { } output)
            {
                if (isNewStep)
                {
                    responses.Clear();
                    isNewStep = false;
                }

                responses.Add(Response(UiRequest.TextOf(part, "toolCallId"), name, output));
            }
        }

        return responses.Count > 0 ? Read(responses, path)
            : throw RpcErrors.Invalid(path, "must be a message of the user, or have the output of a tool call");
    }

    /// <summary>Returns the parts of a user's content.</summary>
    public static JsonArray ToParts(Content content) => [.. content.Parts.Where(static part => part.DataCase != Part.DataOneofCase.FunctionResponse).Select(ToPart)];

    /// <summary>Indicates whether a content responds to function calls.</summary>
    public static bool HasResponses(Content? content) => content?.Parts.Any(static part => part.DataCase == Part.DataOneofCase.FunctionResponse) == true;

    private static JsonObject OfPart(JsonElement part, string path)
    {
        switch (UiRequest.TextOf(part, "type"))
        {
            case "text":
                return new JsonObject { ["text"] = UiRequest.TextOf(part, "text") ?? throw RpcErrors.Invalid($"{path}.text", "must be a string") };
            case "file":
                var url = UiRequest.TextOf(part, "url") ?? throw RpcErrors.Invalid($"{path}.url", "must be a string");
                var mediaType = UiRequest.TextOf(part, "mediaType") ?? "";
                return url.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase) ? OfDataUrl(url, mediaType, path)
                    : new JsonObject { ["fileData"] = new JsonObject { ["mimeType"] = mediaType, ["fileUri"] = url } };
            case var type:
                throw RpcErrors.Invalid($"{path}.type", "must be text or file", ("value", type ?? ""));
        }
    }

    private static JsonObject OfDataUrl(string url, string mediaType, string path)
    {
        var mark = url.IndexOf(Base64Mark, StringComparison.OrdinalIgnoreCase);
        if (mark < 0)
        {
            throw RpcErrors.Invalid($"{path}.url", "must be a data URL in base64, or another URL");
        }

        // Pages can have a general type such as image.
        var own = url[DataScheme.Length..mark].Split(';')[0];
        return new JsonObject { ["inlineData"] = new JsonObject { ["mimeType"] = own.Length > 0 ? own : mediaType, ["data"] = url[(mark + Base64Mark.Length)..] } };
    }

    // Null if the part isn't a call that the page answers.
    private static string? NameOf(JsonElement part, string? type) =>
        part.TryGetProperty("providerExecuted", out var executed) && executed.ValueKind == JsonValueKind.True ? null
        : type == DynamicTool ? UiRequest.TextOf(part, "toolName")
        : type?.StartsWith(ToolPrefix, StringComparison.Ordinal) == true ? type[ToolPrefix.Length..]
        : null;

    private static JsonObject? OutputOf(JsonElement part) => UiRequest.TextOf(part, "state") switch
    {
        "output-available" => new JsonObject { ["output"] = part.TryGetProperty("output", out var output) ? JsonNode.Parse(output.GetRawText()) : null },
        "output-error" => new JsonObject { ["error"] = UiRequest.TextOf(part, "errorText") ?? "" },
        _ => null,
    };

    private static JsonObject Response(string? toolCallId, string name, JsonObject response)
    {
        var json = new JsonObject { ["name"] = name, ["response"] = response };
        if (toolCallId is { Length: > 0 } && !UiToolCalls.IsDerived(toolCallId))
        {
            json["id"] = toolCallId;
        }

        return new JsonObject { ["functionResponse"] = json };
    }

    private static Content Read(IEnumerable<JsonObject> parts, string path)
    {
        using var json = JsonDocument.Parse(UiJson.ToBytes(new JsonObject { ["role"] = User, ["parts"] = new JsonArray([.. parts]) }));
        try
        {
            return (Content)RestJson.ReadStrict(Content.Descriptor, json.RootElement);
        }
        catch (JsonException invalid)
        {
            throw RpcErrors.Invalid(invalid.Path is { } inner ? $"{path}.{inner}" : path, invalid.Message);
        }
    }

    private static JsonObject ToPart(Part part) => part.DataCase switch
    {
        Part.DataOneofCase.Text => new JsonObject { ["type"] = UiChunk.Text, ["text"] = part.Text },
        Part.DataOneofCase.InlineData => File(part.InlineData.MimeType, $"{DataScheme}{part.InlineData.MimeType}{Base64Mark}{part.InlineData.Data.ToBase64()}"),
        Part.DataOneofCase.FileData => File(part.FileData.MimeType, part.FileData.FileUri),
        _ => UiChunk.Of(UiChunk.DataPart, ("data", JsonNode.Parse(RestJson.Write(part)))),
    };

    private static JsonObject File(string mediaType, string url) => new() { ["type"] = UiChunk.File, ["mediaType"] = mediaType, ["url"] = url };
}
