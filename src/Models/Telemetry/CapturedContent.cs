using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Adds prompts and responses to a span, in the JSON format of the conventions. Of media, only the type is included.</summary>
internal static class CapturedContent
{
    /// <summary>Adds the prompt.</summary>
    public static void Input(Activity span, ModelRequest request, IReadOnlyList<Content> history)
    {
        span.SetTag(Attributes.InputMessages, Write(json =>
        {
            foreach (var content in history.Concat(request.Contents))
            {
                WriteMessage(json, content.Role == "model" ? "assistant" : content.Role, content.Parts, null);
            }
        }));
        if (request.Config?.SystemInstruction is { } instruction)
        {
            span.SetTag(Attributes.SystemInstructions, Write(json => WriteParts(json, instruction.Parts)));
        }
    }

    /// <summary>Adds the first candidate of the response.</summary>
    public static void Output(Activity span, IReadOnlyList<GenerateContentResponse> responses)
    {
        var candidates = responses.Where(response => response.Candidates.Count > 0).Select(response => response.Candidates[0]).ToList();
        var parts = candidates.SelectMany(candidate => candidate.Content?.Parts ?? []);
        var reason = candidates.LastOrDefault(candidate => candidate.FinishReason.Length > 0)?.FinishReason;
        span.SetTag(Attributes.OutputMessages, Write(json => WriteMessage(json, "assistant", parts, reason)));
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            write(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, IEnumerable<Part> parts, string? finishReason)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteStartArray("parts");
        WriteParts(json, parts);
        json.WriteEndArray();
        if (finishReason is not null)
        {
            json.WriteString("finish_reason", finishReason);
        }

        json.WriteEndObject();
    }

    // Adjacent texts of a stream are joined.
    private static void WriteParts(Utf8JsonWriter json, IEnumerable<Part> parts)
    {
        var (text, isThought) = (new StringBuilder(), false);
        foreach (var part in parts)
        {
            var isText = part.DataCase == Part.DataOneofCase.Text;
            if (!isText || part.Thought != isThought)
            {
                WriteText();
            }

            if (isText)
            {
                isThought = part.Thought;
                text.Append(part.Text);
            }
            else
            {
                WriteOther(json, part);
            }
        }

        WriteText();

        void WriteText()
        {
            if (text.Length > 0)
            {
                json.WriteStartObject();
                json.WriteString("type", isThought ? "reasoning" : "text");
                json.WriteString("content", text.ToString());
                json.WriteEndObject();
                text.Clear();
            }
        }
    }

    private static void WriteOther(Utf8JsonWriter json, Part part)
    {
        json.WriteStartObject();
        switch (part.DataCase)
        {
            case Part.DataOneofCase.FunctionCall:
                json.WriteString("type", "tool_call");
                json.WriteString("id", part.FunctionCall.Id);
                json.WriteString("name", part.FunctionCall.Name);
                json.WritePropertyName("arguments");
                StructJson.Write(json, part.FunctionCall.Args, part.FunctionCall.ArgsJson);
                break;
            case Part.DataOneofCase.FunctionResponse:
                json.WriteString("type", "tool_call_response");
                json.WriteString("id", part.FunctionResponse.Id);
                json.WritePropertyName("response");
                StructJson.Write(json, part.FunctionResponse.Response, part.FunctionResponse.ResponseJson);
                break;
            default:
                json.WriteString("type", part.DataCase.ToString());
                break;
        }

        json.WriteEndObject();
    }
}
