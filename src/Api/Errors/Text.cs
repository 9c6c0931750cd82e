using System.Text.Unicode;

namespace GenAI.Chats.Api.Errors;

/// <summary>Limits the texts of statuses, which are sent in headers, with the message several times.</summary>
internal static class Text
{
    /// <summary>The maximum length of a message.</summary>
    public const int MaxMessageBytes = 1024;

    /// <summary>The maximum length of a value, a field, or a repeated message.</summary>
    public const int MaxValueBytes = 256;

    private const string Ellipsis = "...";

    // Percent encoding writes a byte as %XX.
    private const int EscapedLength = 3;

    /// <summary>Cuts off the end of a text that is too long.</summary>
    public static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = new byte[maxBytes];
        Utf8.FromUtf16(text, bytes, out var taken, out _);
        return text[..taken] + Ellipsis;
    }

    /// <summary>Cuts off the end of a text that is too long after percent encoding, as gRPC encodes the message of a status.</summary>
    public static string CutEncoded(string text, int maxLength)
    {
        var (kept, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            length += rune.Value is >= ' ' and <= '~' and not '%' ? 1 : EscapedLength * rune.Utf8SequenceLength;
            if (length > maxLength)
            {
                return text[..kept] + Ellipsis;
            }

            kept += rune.Utf16SequenceLength;
        }

        return text;
    }
}
