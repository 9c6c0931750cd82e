using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Adds prompts and responses to a span, in the JSON format of the conventions. Of media, only the type is included.</summary>
internal static class CapturedContent
{
    /// <summary>Adds the prompt.</summary>
    public static void Input(Activity span, ModelRequest request, IReadOnlyList<Content> history)
    {
        var messages = history.Concat(request.Contents)
            .Select(JsonNode? (content) => Message(content.Role == "model" ? "assistant" : content.Role, content.Parts));
        span.SetTag("gen_ai.input.messages", new JsonArray([.. messages]).ToJsonString());
        if (request.Config?.SystemInstruction is { } instruction)
        {
            span.SetTag("gen_ai.system_instructions", Parts(instruction.Parts).ToJsonString());
        }
    }

    /// <summary>Adds the first candidate of the response.</summary>
    public static void Output(Activity span, IReadOnlyList<GenerateContentResponse> responses)
    {
        var candidates = responses.Where(response => response.Candidates.Count > 0).Select(response => response.Candidates[0]).ToList();
        var message = Message("assistant", candidates.SelectMany(candidate => candidate.Content?.Parts ?? []));
        if (candidates.LastOrDefault(candidate => candidate.FinishReason.Length > 0) is { FinishReason: var reason })
        {
            message["finish_reason"] = reason;
        }

        span.SetTag("gen_ai.output.messages", new JsonArray(message).ToJsonString());
    }

    private static JsonObject Message(string role, IEnumerable<Part> parts) => new() { ["role"] = role, ["parts"] = Parts(parts) };

    // Adjacent texts of a stream are joined.
    private static JsonArray Parts(IEnumerable<Part> parts)
    {
        var (list, text, isThought) = (new JsonArray(), new StringBuilder(), false);
        foreach (var part in parts)
        {
            var isText = part.DataCase == Part.DataOneofCase.Text;
            if (!isText || part.Thought != isThought)
            {
                AddText();
            }

            if (isText)
            {
                isThought = part.Thought;
                text.Append(part.Text);
            }
            else
            {
                list.Add(Other(part));
            }
        }

        AddText();
        return list;

        void AddText()
        {
            if (text.Length > 0)
            {
                list.Add(new JsonObject { ["type"] = isThought ? "reasoning" : "text", ["content"] = text.ToString() });
                text.Clear();
            }
        }
    }

    private static JsonObject Other(Part part) => part switch
    {
        { FunctionCall: { } call } => new JsonObject
        {
            ["type"] = "tool_call",
            ["id"] = call.Id,
            ["name"] = call.Name,
            ["arguments"] = JsonBody.Of(call.Args, call.ArgsJson),
        },
        { FunctionResponse: { } response } => new JsonObject
        {
            ["type"] = "tool_call_response",
            ["id"] = response.Id,
            ["response"] = JsonBody.Of(response.Response, response.ResponseJson),
        },
        _ => new JsonObject { ["type"] = part.DataCase.ToString() },
    };
}
