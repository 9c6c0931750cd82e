using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Json;

/// <summary>
/// Reads JSON strings that aren't valid text: with half of a surrogate pair, or bytes that aren't UTF-8. Models produce both if a server splits a
/// character between chunks.
/// </summary>
internal static partial class JsonText
{
    /// <summary>Returns the string. U+FFFD replaces invalid characters.</summary>
    public static string Read(JsonElement json) => Unicode.Fix(ReadPiece(json));

    /// <summary>Returns the string with halves of surrogate pairs. Their other halves can be in the adjacent strings.</summary>
    public static string ReadPiece(JsonElement json)
    {
        try
        {
            return json.GetString() ?? "";
        }
        catch (InvalidOperationException) when (json.ValueKind == JsonValueKind.String)
        {
            return Unescape(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json)[1..^1]));
        }
    }

    // The parser has validated the escapes.
    private static string Unescape(string raw) => Escape.Replace(raw, match => match.ValueSpan[1] switch
    {
        'b' => "\b",
        'f' => "\f",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'u' => $"{(char)ushort.Parse(match.ValueSpan[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)}",
        var itself => $"{itself}",
    });

    [GeneratedRegex(@"\\(u[0-9A-Fa-f]{4}|.)")]
    private static partial Regex Escape { get; }
}

/// <summary>Fixes strings with halves of surrogate pairs, which can't be encoded.</summary>
internal static class Unicode
{
    /// <summary>The replacement for half of a pair.</summary>
    public const string Replacement = "\uFFFD";

    /// <summary>Returns the text with each half of a pair replaced.</summary>
    public static string Fix(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
