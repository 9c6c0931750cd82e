using System.Text;

namespace GenAI.Chats.Models.Json;

/// <summary>Fixes strings with halves of surrogate pairs, which can't be encoded.</summary>
internal static class Unicode
{
    /// <summary>The replacement for half of a pair.</summary>
    public const string Replacement = "\uFFFD";

    /// <summary>Returns the text with each half of a pair replaced.</summary>
    public static string Fix(string text) => IsWellFormed(text) ? text : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static bool IsWellFormed(string text)
    {
        var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        for (; i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
