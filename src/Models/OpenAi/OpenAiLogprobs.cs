using System.Text.Json;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Reads log probabilities.</summary>
internal static class OpenAiLogprobs
{
    /// <summary>Reads the log probabilities of a choice. Returns null if there are none.</summary>
    public static LogprobsResult? Read(JsonElement json)
    {
        var result = new LogprobsResult();
        foreach (var token in OpenAiJson.List(json, "content"))
        {
            result.ChosenCandidates.Add(TokenOf(token));
            var top = new LogprobsResult.Types.TopCandidates();
            top.Candidates.Add(OpenAiJson.List(token, "top_logprobs").Select(TokenOf));
            result.TopCandidates.Add(top);
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
