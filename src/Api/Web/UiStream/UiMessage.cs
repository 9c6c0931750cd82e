using System.Text.Json.Nodes;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>Builds the message that a page has after it has read the chunks.</summary>
/// <param name="id">The message's ID.</param>
internal sealed class UiMessage(string id)
{
    private readonly JsonArray _parts = [];
    private readonly JsonObject _metadata = [];

    /// <summary>Gets whether the message has parts that people can see.</summary>
    public bool HasParts { get; private set; }

    /// <summary>Adds a chunk.</summary>
    public void Add(JsonObject chunk)
    {
        if (chunk["messageMetadata"] is JsonObject metadata)
        {
            Merge(_metadata, metadata);
        }

        switch (UiChunk.TypeOf(chunk))
        {
            case UiChunk.StartStep:
                _parts.Add(new JsonObject { ["type"] = "step-start" });
                break;
            case "text-start":
                Show(new JsonObject { ["type"] = UiChunk.Text, ["text"] = "", ["state"] = "done" });
                break;
            case "reasoning-start":
                Show(new JsonObject { ["type"] = UiChunk.Reasoning, ["id"] = chunk["id"]!.DeepClone(), ["text"] = "", ["state"] = "done" });
                break;
            case "text-delta" or "reasoning-delta":
                // Recorded texts are whole.
                _parts[^1]!["text"] = (string)_parts[^1]!["text"]! + (string)chunk["delta"]!;
                break;
            case UiChunk.ToolInputStart:
                Show(new JsonObject { ["type"] = $"tool-{chunk["toolName"]}", ["toolCallId"] = chunk["toolCallId"]!.DeepClone() });
                break;
            case UiChunk.ToolInputAvailable:
                Update(chunk, "input-available", "input", "providerExecuted");
                break;
            case UiChunk.ToolInputError:
                Update(chunk, "output-error", "input", "errorText", "providerExecuted");
                break;
            case UiChunk.ToolOutputAvailable:
                Update(chunk, "output-available", "output");
                break;
            case UiChunk.ToolOutputError:
                Update(chunk, "output-error", "errorText");
                break;
            case UiChunk.File or UiChunk.ReasoningFile or UiChunk.DataPart:
                Show(chunk.DeepClone().AsObject());
                break;
        }
    }

    /// <summary>Returns the message.</summary>
    public JsonObject ToJson() => new() { ["id"] = id, ["role"] = "assistant", ["metadata"] = _metadata.DeepClone(), ["parts"] = _parts.DeepClone() };

    private static void Merge(JsonObject target, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (value is JsonObject inner && target[name] is JsonObject known)
            {
                Merge(known, inner);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private void Show(JsonObject part)
    {
        HasParts = true;
        _parts.Add(part);
    }

    // The last part with the ID: an ID can be used again in a later step.
    private void Update(JsonObject chunk, string state, params ReadOnlySpan<string> members)
    {
        var part = _parts.Last(part => (string?)part!["toolCallId"] == (string)chunk["toolCallId"]!)!;
        part["state"] = state;
        foreach (var name in members)
        {
            if (chunk.TryGetPropertyValue(name, out var value))
            {
                part[name] = value?.DeepClone();
            }
        }
    }
}
