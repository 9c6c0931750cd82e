using System.Buffers.Text;
using System.Security.Cryptography;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>
/// The text of API keys: <c>chats_</c> and 256 random bits as 43 characters of base64url.
/// </summary>
/// <remarks>
/// Slow, salted hashes protect passwords, which can be guessed by trying the likely ones. Of 2^256 keys none is likelier than another: from a hash no one finds
/// its key, however fast the hash, so the fastest sound one is right, and each call can afford it.
/// </remarks>
internal static class ApiKey
{
    private const string Prefix = "chats_";
    private const int SecretBytes = 32;
    private const int SecretCharacters = 43;

    /// <summary>Makes a key.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Whether a text looks like a key. No token does.</summary>
    public static bool HasForm(string text) =>
        text.Length == Prefix.Length + SecretCharacters
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text.AsSpan(Prefix.Length));
}
