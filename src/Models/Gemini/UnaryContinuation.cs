using GenAI.Chats.Models.Responses;
using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The continuation protocol, unary: the same request goes on from each response's token, until one has none.</summary>
internal static class UnaryContinuation
{
    /// <summary>The finish reason of a response that another one continues.</summary>
    public const string FinishReason = "CONTINUATION";

    /// <summary>Gives the one response that all of them make.</summary>
    public static async IAsyncEnumerable<GenerateContentResponse> ReadAsync(GeminiCaller caller)
    {
        var whole = new ContinuedResponse();
        string? token = null;
        do
        {
            var response = await caller.AskAsync(token).ConfigureAwait(false);
            whole.Add(response);
            var next = TokenOf(response);
            // The same token again would only bring the same response again.
            token = next == token ? null : next;
        }
        while (token is not null);
        yield return whole.ToResponse();
    }

    /// <summary>Whether a finish reason leaves it open that the answer goes on.</summary>
    public static bool IsOpen(string finishReason) => finishReason is "" or FinishReason;

    private static string? TokenOf(GenerateContentResponse response) =>
        response.Candidates.FirstOrDefault() is { ContinuationToken.Length: > 0 } candidate && IsOpen(candidate.FinishReason)
            ? candidate.ContinuationToken
            : null;
}
