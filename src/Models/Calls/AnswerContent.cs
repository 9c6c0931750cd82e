using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Calls;

/// <summary>What a response says, if anything.</summary>
internal static class AnswerContent
{
    private const string Stop = "STOP";

    /// <summary>Whether a part of the response says something: a call, a medium, a signature, or a text that is not empty.</summary>
    public static bool HasContent(GenerateContentResponse response) =>
        response.Candidates.Any(candidate => candidate.Content?.Parts.Any(IsContent) == true);

    /// <summary>Whether the model says with this response that it is done, and with nothing amiss.</summary>
    public static bool IsStop(GenerateContentResponse response) =>
        response.Candidates.Count > 0 && response.Candidates[0].FinishReason == Stop;

    private static bool IsContent(Part part) =>
        part.HasThoughtSignature
        || part.Extra is { Fields.Count: > 0 }
        || part.DataCase switch
        {
            Part.DataOneofCase.None => false,
            Part.DataOneofCase.Text => part.Text.Length > 0,
            _ => true,
        };
}
