using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace GenAI.Chats.Models.Json;

/// <summary>
/// Strings of JSON, which can hold what no text can: half of a surrogate pair, and bytes that are not UTF-8. Models produce both where a
/// server cuts an answer in the middle of a character.
/// </summary>
internal static class JsonText
{
    /// <summary>The string. Anything in it that is not a character is replaced by U+FFFD.</summary>
    public static string Read(JsonElement json) => Unicode.Mend(ReadPiece(json));

    /// <summary>The string with its halves of surrogate pairs: the other halves may be in the pieces next to it.</summary>
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

    // The parser has checked the form of each escape.
    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            text.Append(raw[i] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var itself => itself,
            });
            i += raw[i] == 'u' ? 4 : 0;
        }

        return text.ToString();
    }
}
