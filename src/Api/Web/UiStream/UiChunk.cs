using System.Text.Json.Nodes;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>The chunks of the AI SDK's UI message stream. Each is a JSON object with a type.</summary>
internal static class UiChunk
{
    public const string Start = "start";
    public const string StartStep = "start-step";
    public const string FinishStep = "finish-step";
    public const string ResetStep = "reset-step";
    public const string Metadata = "message-metadata";
    public const string Text = "text";
    public const string Reasoning = "reasoning";
    public const string ToolInputStart = "tool-input-start";
    public const string ToolInputDelta = "tool-input-delta";
    public const string ToolInputAvailable = "tool-input-available";
    public const string ToolInputError = "tool-input-error";
    public const string ToolOutputAvailable = "tool-output-available";
    public const string ToolOutputError = "tool-output-error";
    public const string File = "file";
    public const string ReasoningFile = "reasoning-file";
    public const string DataPart = "data-part";
    public const string Finish = "finish";
    public const string Abort = "abort";
    public const string Error = "error";

    /// <summary>The data of the event after the last chunk.</summary>
    public static readonly byte[] Done = "[DONE]"u8.ToArray();

    /// <summary>Creates a chunk.</summary>
    public static JsonObject Of(string type, params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var chunk = new JsonObject { ["type"] = type };
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                chunk[name] = value;
            }
        }

        return chunk;
    }

    /// <summary>Returns the type of a chunk.</summary>
    public static string TypeOf(JsonObject chunk) => (string)chunk["type"]!;
}
