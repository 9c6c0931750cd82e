using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Models.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Reads a scenario's answers.</summary>
internal static class Answers
{
    /// <summary>The response as the Gemini API writes it.</summary>
    public static string ToJson(string answer)
    {
        if (answer.StartsWith('{'))
        {
            return answer;
        }

        var end = answer.LastIndexOf(']') + 1;
        var candidate = new JsonObject { ["content"] = JsonNode.Parse(Notation.ToJson(answer[..end])) };
        if (answer.Length > end)
        {
            candidate["finishReason"] = answer[(end + 1)..];
        }

        return new JsonObject { ["candidates"] = new JsonArray(candidate) }.ToJsonString();
    }

    /// <summary>The response as a client gets it.</summary>
    public static GenerateContentResponse ToResponse(string answer) =>
        RestJson.Read<GenerateContentResponse>(Encoding.UTF8.GetBytes(ToJson(answer)));
}
