using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace GenAI.Chats.Engine.History;

/// <summary>The start of the next page of a list, as a text that clients send back. A token is valid only for the list that returned it.</summary>
internal static class PageToken
{
    private const int CheckBytes = 8;

    /// <summary>Returns the token of a position in a list.</summary>
    /// <param name="place">The position.</param>
    /// <param name="list">What identifies the list: its kind, its owner, and its filter.</param>
    public static string Write(string place, string list)
    {
        var text = Encoding.UTF8.GetBytes(place);
        var bytes = new byte[CheckBytes + text.Length];
        Check(place, list).CopyTo(bytes);
        text.CopyTo(bytes.AsSpan(CheckBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Returns the position in a list that a token is for.</summary>
    /// <exception cref="ChatException">The token is invalid for this list.</exception>
    public static string Read(string token, string list) => TryRead(token, list) ?? throw ChatErrors.PageToken();

    /// <summary>Returns the position in a list that a token is for. Null if the token is invalid for this list.</summary>
    public static string? TryRead(string token, string list)
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

        return null;
    }

    private static ReadOnlySpan<byte> Check(string place, string list) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{list}\0{place}")).AsSpan(0, CheckBytes);
}
