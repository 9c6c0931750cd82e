using GenAI.Chats.Models.Responses;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The unary continuation protocol: the same request is repeated with the token of the response, until one has no token.</summary>
internal static class UnaryContinuation
{
    /// <summary>The finish reason of a response that is continued.</summary>
    public const string FinishReason = "CONTINUATION";

    /// <summary>Returns the merged response.</summary>
    public static async IAsyncEnumerable<GenerateContentResponse> ReadAsync(GeminiCaller caller)
    {
        var whole = new ContinuedResponse();
        string? token = null;
        do
        {
            var response = await caller.AskAsync(token).ConfigureAwait(false);
            whole.Add(response);
            var next = TokenOf(response);
            // A repeated token would only repeat the response.
            token = next == token ? null : next;
        }
        while (token is not null);
        yield return whole.ToResponse();
    }

    /// <summary>Returns whether a response with this finish reason can be continued.</summary>
    public static bool IsOpen(string finishReason) => finishReason is "" or FinishReason;

    private static string? TokenOf(GenerateContentResponse response) =>
        response.Candidates.FirstOrDefault() is { ContinuationToken.Length: > 0 } candidate && IsOpen(candidate.FinishReason)
            ? candidate.ContinuationToken
            : null;
}
