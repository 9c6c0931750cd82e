using GenAI.Chats.Models.Responses;

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
            UsageMetadata = OpenAiJson.Object(json, "usage") is { } usage ? UsageOf(usage) : null,
        };
        if (OpenAiJson.Number(json, "created") is > 0 and < 253402300800 and var created)
        {
            response.CreateTime = new Timestamp { Seconds = created };
        }

        response.Candidates.Add(OpenAiJson.List(json, "choices").Select(ReadChoice).OfType<Candidate>());
        return response;
    }

    /// <summary>Returns the buffered rest of choices that haven't ended, or null.</summary>
    public GenerateContentResponse? End()
    {
        var response = new GenerateContentResponse();
        response.Candidates.Add(_choices.Values.Select(choice => choice.End()).OfType<Candidate>());
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

    private static UsageMetadata UsageOf(JsonElement json) => UsageCounts.ToUsage(
        OpenAiJson.Number(json, "prompt_tokens"),
        OpenAiJson.Number(json, "completion_tokens"),
        OpenAiJson.Number(json, "total_tokens"),
        Detail(json, "completion_tokens_details", "reasoning_tokens"),
        Detail(json, "prompt_tokens_details", "cached_tokens"));

    private static long? Detail(JsonElement json, string details, string name) =>
        OpenAiJson.Object(json, details) is { } inner ? OpenAiJson.Number(inner, name) : null;
}

/// <summary>Limits how much of a response is buffered until it is complete, for all its choices together.</summary>
/// <param name="limit">The maximum.</param>
internal sealed class HeldBytes(int limit)
{
    // The size that counts for a call or choice, to limit their number.
    private const int ObjectBytes = 64 * 1024;

    private long _held;

    /// <summary>Counts buffered bytes.</summary>
    /// <exception cref="InvalidDataException">The limit is exceeded.</exception>
    public void Add(int bytes)
    {
        _held += bytes;
        if (_held > limit)
        {
            throw new InvalidDataException($"The response has calls of more than {limit} bytes.");
        }
    }

    /// <summary>Counts a call or choice.</summary>
    /// <exception cref="InvalidDataException">The limit is exceeded.</exception>
    public void AddObject() => Add(ObjectBytes);
}
