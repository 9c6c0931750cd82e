using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace GenAI.Chats.Models.Json;

/// <summary>
/// Reads JSON strings that aren't valid text: with half of a surrogate pair, or bytes that aren't UTF-8. Models produce both if a server splits a
/// character between chunks.
/// </summary>
internal static class JsonText
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
