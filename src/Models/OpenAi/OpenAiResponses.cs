using System.Text.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Reads a chat completion or its chunks, which contain a delta instead of a message.</summary>
/// <param name="source">The API that sent it.</param>
/// <param name="maxHeldBytes">The maximum size of buffered data.</param>
internal sealed class OpenAiResponses(string source, int maxHeldBytes)
{
    private readonly HeldBytes _budget = new(maxHeldBytes);
    private readonly SortedDictionary<int, OpenAiChoice> _choices = [];

    /// <summary>Gets whether all choices have ended.</summary>
    public bool IsFinished => _choices.Count > 0 && _choices.Values.All(choice => choice.HasEnded);

    /// <summary>Returns whether a response is empty.</summary>
    public static bool IsEmpty(GenerateContentResponse response) => response.Candidates.Count == 0 && response.UsageMetadata is null;

    /// <summary>Reads a completion or its next chunk.</summary>
    public GenerateContentResponse Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException($"A JSON object was expected, not {json.ValueKind}.");
        }

        var response = new GenerateContentResponse
        {
            ResponseId = OpenAiJson.Text(json, "id") ?? "",
            ModelVersion = OpenAiJson.Text(json, "model") ?? "",
            UsageMetadata = OpenAiJson.Object(json, "usage") is { } usage ? OpenAiUsage.Read(usage) : null,
        };
        if (OpenAiJson.Number(json, "created") is > 0 and < 253402300800 and var created)
        {
            response.CreateTime = new Timestamp { Seconds = created };
        }

        foreach (var choice in OpenAiJson.List(json, "choices"))
        {
            if (ReadChoice(choice) is { } candidate)
            {
                response.Candidates.Add(candidate);
            }
        }

        return response;
    }

    /// <summary>Returns the buffered rest of choices that haven't ended, or null.</summary>
    public GenerateContentResponse? End()
    {
        var response = new GenerateContentResponse();
        foreach (var choice in _choices.Values)
        {
            if (choice.End() is { } candidate)
            {
                response.Candidates.Add(candidate);
            }
        }

        return response.Candidates.Count > 0 ? response : null;
    }

    private Candidate? ReadChoice(JsonElement json)
    {
        var index = (int)Math.Clamp(OpenAiJson.Number(json, "index") ?? 0, 0, int.MaxValue);
        if (!_choices.TryGetValue(index, out var choice))
        {
            _budget.AddObject();
            _choices.Add(index, choice = new OpenAiChoice(index, source, _budget));
        }

        return choice.Read(json);
    }
}
