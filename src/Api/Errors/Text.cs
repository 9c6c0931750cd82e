using System.Text.Unicode;

namespace GenAI.Chats.Api.Errors;

/// <summary>Limits the texts of statuses. Statuses are sent in headers, with the message several times, and many clients accept at most 8 KiB of headers.</summary>
internal static class Text
{
    /// <summary>The maximum length of a message.</summary>
    public const int MaxMessageBytes = 1024;

    /// <summary>The maximum length of a value, a field, or a repeated message.</summary>
    public const int MaxValueBytes = 256;

    /// <summary>Cuts off the end of a text that is too long.</summary>
    public static string Cut(string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) <= maxBytes)
        {
            return text;
        }

        var bytes = new byte[maxBytes];
        Utf8.FromUtf16(text, bytes, out var taken, out _);
        return text[..taken] + "...";
    }
}
