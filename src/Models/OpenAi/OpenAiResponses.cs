using System.Text.Json;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Reads a chat completion, or the chunks of one: what differs is only that a message is called a delta.</summary>
internal sealed class OpenAiResponses
{
    // By the index of the choice.
    private readonly SortedDictionary<int, OpenAiToolCalls> _calls = [];
    private readonly HashSet<int> _open = [];
    private bool _hasChoice;

    /// <summary>Whether every choice has ended.</summary>
    public bool IsFinished => _hasChoice && _open.Count == 0;

    /// <summary>Whether a response says nothing.</summary>
    public static bool IsEmpty(GenerateContentResponse response) => response.Candidates.Count == 0 && response.UsageMetadata is null;

    /// <summary>Reads a completion, or its next chunk.</summary>
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

    /// <summary>What choices that have not ended still hold; null for nothing.</summary>
    public GenerateContentResponse? End()
    {
        var response = new GenerateContentResponse();
        foreach (var (index, calls) in _calls.Where(choice => !choice.Value.IsEmpty))
        {
            var candidate = new Candidate { Content = NewContent() };
            AddCalls(candidate, calls);
            SetIndex(candidate, index);
            response.Candidates.Add(candidate);
        }

        return response.Candidates.Count > 0 ? response : null;
    }

    private Candidate? ReadChoice(JsonElement choice)
    {
        var index = (int)Math.Clamp(OpenAiJson.Number(choice, "index") ?? 0, 0, int.MaxValue);
        if (!_calls.TryGetValue(index, out var calls))
        {
            _calls.Add(index, calls = new OpenAiToolCalls());
            _open.Add(index);
            _hasChoice = true;
        }

        var candidate = new Candidate { Content = NewContent() };
        if ((OpenAiJson.Object(choice, "message") ?? OpenAiJson.Object(choice, "delta")) is { } message)
        {
            AddTexts(candidate, message);
            calls.Add(message);
        }

        if (OpenAiJson.Object(choice, "logprobs") is { } logprobs)
        {
            candidate.LogprobsResult = OpenAiLogprobs.Read(logprobs);
        }

        if (OpenAiJson.Text(choice, "finish_reason") is { Length: > 0 } reason)
        {
            Finish(candidate, reason);
            AddCalls(candidate, calls);
            _open.Remove(index);
        }

        if (candidate.Content.Parts.Count == 0)
        {
            candidate.Content = null;
        }

        var isEmpty = candidate is { Content: null, FinishReason: "", LogprobsResult: null };
        SetIndex(candidate, index);
        return isEmpty ? null : candidate;
    }

    private static Content NewContent() => new() { Role = "model" };

    private static void SetIndex(Candidate candidate, int index)
    {
        if (index > 0)
        {
            candidate.Index = index;
        }
    }

    // Servers that show how a model reasons have two names for it.
    private static void AddTexts(Candidate candidate, JsonElement message)
    {
        if ((OpenAiJson.Text(message, "reasoning_content") ?? OpenAiJson.Text(message, "reasoning")) is { Length: > 0 } reasoning)
        {
            candidate.Content.Parts.Add(new Part { Text = reasoning, Thought = true });
        }

        if ((OpenAiJson.Text(message, "content") ?? TextOfParts(message)) is { Length: > 0 } text)
        {
            candidate.Content.Parts.Add(new Part { Text = text });
        }

        if (OpenAiJson.Text(message, "refusal") is { Length: > 0 } refusal)
        {
            candidate.Content.Parts.Add(new Part { Text = refusal });
            candidate.FinishMessage = "The model refused to answer.";
        }
    }

    private static string TextOfParts(JsonElement message) =>
        string.Concat(OpenAiJson.List(message, "content").Select(part => OpenAiJson.Text(part, "text")));

    private static void Finish(Candidate candidate, string reason)
    {
        candidate.FinishReason = reason switch
        {
            "stop" or "tool_calls" or "function_call" => "STOP",
            "length" => "MAX_TOKENS",
            "content_filter" => "SAFETY",
            _ => "OTHER",
        };
        if (candidate.FinishReason == "OTHER")
        {
            candidate.FinishMessage = $"The model's own word is '{reason}'.";
        }
    }

    private static void AddCalls(Candidate candidate, OpenAiToolCalls calls)
    {
        candidate.Content.Parts.Add(calls.Take(out var malformed));
        if (malformed is not null)
        {
            candidate.FinishReason = "MALFORMED_FUNCTION_CALL";
            candidate.FinishMessage = $"The arguments for function '{malformed}' are no JSON object.";
        }
    }
}
