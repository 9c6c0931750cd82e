using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Engine.History;

/// <summary>Where the next page of a list starts, as a text that clients hand back. A token is good for the list that gave it, and for no other.</summary>
internal static class PageToken
{
    private const int CheckBytes = 8;

    /// <summary>Writes a place in a list.</summary>
    /// <param name="place">The place.</param>
    /// <param name="list">What tells the list from others: whose, of what, and the filter.</param>
    public static string Write(string place, string list)
    {
        var text = Encoding.UTF8.GetBytes(place);
        var bytes = new byte[CheckBytes + text.Length];
        Check(place, list).CopyTo(bytes);
        text.CopyTo(bytes.AsSpan(CheckBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a place in a list again.</summary>
    /// <exception cref="ChatException">The token was not written for this list.</exception>
    public static string Read(string token, string list)
    {
        if (Base64Url.IsValid(token))
        {
            var bytes = Base64Url.DecodeFromChars(token);
            if (bytes.Length > CheckBytes)
            {
                var place = Encoding.UTF8.GetString(bytes.AsSpan(CheckBytes));
                if (bytes.AsSpan(0, CheckBytes).SequenceEqual(Check(place, list)))
                {
                    return place;
                }
            }
        }

        throw ChatErrors.PageToken();
    }

    private static ReadOnlySpan<byte> Check(string place, string list) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{list}\0{place}")).AsSpan(0, CheckBytes);
}
