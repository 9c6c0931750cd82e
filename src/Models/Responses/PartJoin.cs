using GenAI.Chats.V1;

namespace GenAI.Chats.Models.Responses;

/// <summary>Which neighbouring parts are one text that came in pieces.</summary>
public static class PartJoin
{
    /// <summary>
    /// Whether <paramref name="next"/> continues the text of <paramref name="part"/>: both are plain text, and both are thoughts or neither
    /// is. A signed part never is plain: its signature holds for this part alone.
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
        && part.ExtraJson is null;
}
