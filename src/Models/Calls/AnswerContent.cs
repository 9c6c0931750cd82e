using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Calls;

/// <summary>Classifies responses.</summary>
internal static class AnswerContent
{
    /// <summary>Returns whether a response has content: a call, media, a signature, or non-empty text.</summary>
    public static bool HasContent(GenerateContentResponse response) =>
        response.Candidates.Any(candidate => candidate.Content?.Parts.Any(IsContent) == true);

    /// <summary>Returns whether the model finished normally with this response.</summary>
    public static bool IsStop(GenerateContentResponse response) => response.Candidates is [{ FinishReason: "STOP" }, ..];

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
