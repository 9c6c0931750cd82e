using System.Text.Json;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>One choice of a completion. Its texts are given as they come; its calls, and what it holds beyond, when it ends.</summary>
internal sealed class OpenAiChoice(int index, string source, HeldBytes budget)
{
    // Servers that show how a model reasons have two names for it.
    private static readonly string[] ThoughtNames = ["reasoning_content", "reasoning"];

    private readonly OpenAiToolCalls _calls = new(source, budget);
    private readonly JsonDeltas _others = new(budget);
    private string? _thoughts;
    private string? _problem;
    private bool _hasText;

    /// <summary>Whether its finish reason has come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads the choice, or what the next chunk says of it; null where that is nothing.</summary>
    public Candidate? Read(JsonElement json)
    {
        var candidate = new Candidate();
        var whole = OpenAiJson.Object(json, "message");
        if ((whole ?? OpenAiJson.Object(json, "delta")) is { } message)
        {
            AddTexts(candidate, message);
            _calls.Add(message, isWhole: whole is not null);
            _others.Add(message, IsKnown);
        }

        if (OpenAiJson.Object(json, "logprobs") is { } logprobs)
        {
            candidate.LogprobsResult = OpenAiLogprobs.Read(logprobs);
        }

        if (OpenAiJson.Text(json, "finish_reason") is { Length: > 0 } reason)
        {
            Finish(candidate, reason);
            AddHeld(candidate);
            HasEnded = true;
        }

        return candidate is { Content: null, FinishReason: "", LogprobsResult: null } ? null : Indexed(candidate);
    }

    /// <summary>What it still holds where no finish reason came; null for nothing.</summary>
    public Candidate? End()
    {
        if (_calls.IsEmpty)
        {
            return null;
        }

        var candidate = new Candidate();
        AddHeld(candidate);
        return Indexed(candidate);
    }

    private Candidate Indexed(Candidate candidate)
    {
        if (index > 0)
        {
            candidate.Index = index;
        }

        return candidate;
    }

    private static Content ContentOf(Candidate candidate) => candidate.Content ??= new Content { Role = "model" };

    // The API's own members, and those that go back in another form.
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
            candidate.FinishMessage = $"The model's own word is '{reason}'.";
        }
    }

    private void AddHeld(Candidate candidate)
    {
        var calls = _calls.Take(out var problem);
        if (calls.Count > 0)
        {
            ContentOf(candidate).Parts.Add(calls);
        }

        // What ends the choice once more doesn't mend it.
        _problem ??= problem;
        if (_problem is not null)
        {
            candidate.FinishReason = "MALFORMED_FUNCTION_CALL";
            candidate.FinishMessage = _problem;
        }

        // Thoughts have to go back with calls. Without calls and other members there is nothing to remember.
        if (!_others.IsEmpty ? _hasText || calls.Count > 0 : _thoughts is not null && calls.Count > 0)
        {
            ContentOf(candidate).Extra = new KeptMembers(_others.ToJson(), _thoughts).ToExtra(source);
        }
    }
}
