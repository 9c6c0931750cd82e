using System.Text.Json.Nodes;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>JSON as the Gemini API writes it.</summary>
public static class GeminiJson
{
    /// <summary>A response, or a chunk of one, with one text part.</summary>
    /// <param name="text">The text.</param>
    /// <param name="finishReason">Null: none, as on every chunk but the last.</param>
    /// <param name="usage">Prompt and answer tokens; null: no usage.</param>
    public static string Text(string text, string? finishReason = null, (int Prompt, int Answer)? usage = null) =>
        Response([new JsonObject { ["text"] = text }], finishReason, usage);

    /// <summary>A response, or a chunk of one, with any parts.</summary>
    public static string Response(IEnumerable<JsonNode> parts, string? finishReason = null, (int Prompt, int Answer)? usage = null)
    {
        var candidate = new JsonObject
        {
            ["content"] = new JsonObject { ["parts"] = new JsonArray([.. parts]), ["role"] = "model" },
            ["index"] = 0,
        };
        if (finishReason is not null)
        {
            candidate["finishReason"] = finishReason;
        }

        var response = new JsonObject { ["candidates"] = new JsonArray(candidate) };
        if (usage is { } tokens)
        {
            response["usageMetadata"] = new JsonObject
            {
                ["promptTokenCount"] = tokens.Prompt,
                ["candidatesTokenCount"] = tokens.Answer,
                ["totalTokenCount"] = tokens.Prompt + tokens.Answer,
            };
        }

        response["modelVersion"] = "scripted";
        return response.ToJsonString();
    }

    /// <summary>A part that calls a function.</summary>
    public static JsonObject FunctionCall(string name, JsonObject args, string? id = null, string? thoughtSignature = null)
    {
        var call = new JsonObject { ["name"] = name, ["args"] = args };
        if (id is not null)
        {
            call["id"] = id;
        }

        var part = new JsonObject { ["functionCall"] = call };
        if (thoughtSignature is not null)
        {
            part["thoughtSignature"] = thoughtSignature;
        }

        return part;
    }

    /// <summary>An error body.</summary>
    /// <param name="code">The HTTP status.</param>
    /// <param name="status">Its name, such as RESOURCE_EXHAUSTED.</param>
    /// <param name="message">What the client reads.</param>
    /// <param name="retryDelay">Such as <c>53s</c>; null: no RetryInfo.</param>
    public static string Error(int code, string status, string message, string? retryDelay = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status };
        if (retryDelay is not null)
        {
            error["details"] = new JsonArray(
                new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.Help", ["links"] = new JsonArray() },
                new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.RetryInfo", ["retryDelay"] = retryDelay });
        }

        return new JsonObject { ["error"] = error }.ToJsonString();
    }
}
