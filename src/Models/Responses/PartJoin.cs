namespace GenAI.Chats.Models.Responses;

/// <summary>Decides which adjacent parts are chunks of one text.</summary>
public static class PartJoin
{
    /// <summary>
    /// Returns whether <paramref name="next"/> continues the text of <paramref name="part"/>: both are plain text, and both or neither are thoughts.
    /// Signed parts aren't plain, because the signature is only valid for that part.
    /// </summary>
    public static bool CanJoin(Part part, Part next)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(next);
        return IsPlainText(part) && IsPlainText(next) && part.Thought == next.Thought;
    }

    private static bool IsPlainText(Part part) =>
        part.DataCase == Part.DataOneofCase.Text
        && !part.HasThoughtSignature
        && part.VideoMetadata is null
        && part.MediaResolution is null
        && part.PartMetadata is null
        && part.SpeechMetadata is null
        && part.Extra is null or { Fields.Count: 0 }
        && part.ExtraJson is null
        && !part.HasOmittedBytes;
}
