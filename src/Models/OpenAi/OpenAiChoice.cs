using GenAI.Chats.Models.Requests;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>A choice of a completion. Texts are returned as they arrive, calls and other members at the end.</summary>
internal sealed class OpenAiChoice(int index, string source, HeldBytes budget)
{
    // Servers use different names for reasoning.
    private static readonly string[] ThoughtNames = ["reasoning_content", "reasoning"];

    private readonly OpenAiToolCalls _calls = new(source, budget);
    private readonly JsonDeltas _others = new(budget);
    private string? _thoughts;
    private string? _problem;
    private bool _hasText;

    /// <summary>Gets whether the finish reason has arrived.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads the choice, or its next chunk. Returns null if it is empty.</summary>
    public Candidate? Read(JsonElement json)
    {
        var candidate = NewCandidate();
        var whole = OpenAiJson.Object(json, "message");
        if ((whole ?? OpenAiJson.Object(json, "delta")) is { } message)
        {
            AddTexts(candidate, message);
            _calls.Add(message, isWhole: whole is not null);
            _others.Add(message, IsKnown);
        }

        if (OpenAiJson.Object(json, "logprobs") is { } logprobs)
        {
            candidate.LogprobsResult = LogprobsOf(logprobs);
        }

        if (OpenAiJson.Text(json, "finish_reason") is { Length: > 0 } reason)
        {
            Finish(candidate, reason);
            AddHeld(candidate);
            HasEnded = true;
        }

        return candidate is { Content: null, FinishReason: "", LogprobsResult: null } ? null : candidate;
    }

    /// <summary>Returns the buffered rest if no finish reason arrived, or null.</summary>
    public Candidate? End()
    {
        if (_calls.IsEmpty)
        {
            return null;
        }

        var candidate = NewCandidate();
        AddHeld(candidate);
        return candidate;
    }

    private Candidate NewCandidate() => index > 0 ? new Candidate { Index = index } : new Candidate();

    private static Content ContentOf(Candidate candidate) => candidate.Content ??= new Content { Role = "model" };

    // The API's own members, and members that are sent back in another form.
    private static bool IsKnown(JsonProperty member) => member.Name switch
    {
        "role" or "content" or "refusal" or "tool_calls" or "function_call" or "audio" => true,
        var name => ThoughtNames.Contains(name) && member.Value.ValueKind == JsonValueKind.String,
    };

    private void AddTexts(Candidate candidate, JsonElement message)
    {
        foreach (var name in ThoughtNames)
        {
            if (OpenAiJson.Piece(message, name) is { Length: > 0 } thought)
            {
                ContentOf(candidate).Parts.Add(new Part { Text = thought, Thought = true });
                _thoughts ??= name;
                break;
            }
        }

        if ((OpenAiJson.Piece(message, "content") ?? TextOfParts(message)) is { Length: > 0 } text)
        {
            AddText(candidate, text);
        }

        if (OpenAiJson.Piece(message, "refusal") is { Length: > 0 } refusal)
        {
            AddText(candidate, refusal);
            candidate.FinishMessage = "The model refused to answer.";
        }
    }

    private void AddText(Candidate candidate, string text)
    {
        ContentOf(candidate).Parts.Add(new Part { Text = text });
        _hasText = true;
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
            candidate.FinishMessage = $"Provider finish reason: '{reason}'.";
        }
    }

    private void AddHeld(Candidate candidate)
    {
        var calls = _calls.Take(out var problem);
        if (calls.Count > 0)
        {
            ContentOf(candidate).Parts.Add(calls);
        }

        // A repeated end doesn't resolve it.
        _problem ??= problem;
        if (_problem is not null)
        {
            candidate.FinishReason = "MALFORMED_FUNCTION_CALL";
            candidate.FinishMessage = _problem;
        }

        // Thoughts must be sent back with calls.
        if (!_others.IsEmpty ? _hasText || calls.Count > 0 : _thoughts is not null && calls.Count > 0)
        {
            ContentOf(candidate).Extra = new KeptMembers(_others.ToJson(), _thoughts).ToExtra(source);
        }
    }

    private static LogprobsResult? LogprobsOf(JsonElement json)
    {
        var result = new LogprobsResult();
        foreach (var token in OpenAiJson.List(json, "content"))
        {
            result.ChosenCandidates.Add(TokenOf(token));
            result.TopCandidates.Add(new LogprobsResult.Types.TopCandidates { Candidates = { OpenAiJson.List(token, "top_logprobs").Select(TokenOf) } });
        }

        return result.ChosenCandidates.Count > 0 ? result : null;
    }

    private static LogprobsResult.Types.Token TokenOf(JsonElement json)
    {
        var token = new LogprobsResult.Types.Token { Token_ = OpenAiJson.Text(json, "token") ?? "" };
        if (OpenAiJson.Real(json, "logprob") is { } logprob)
        {
            token.LogProbability = logprob;
        }

        return token;
    }
}
