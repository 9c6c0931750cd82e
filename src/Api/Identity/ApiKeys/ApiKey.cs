using System.Buffers.Text;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>
/// The text of API keys: <c>chats_</c> and 256 random bits as 43 characters of base64url.
/// </summary>
/// <remarks>
/// Passwords need slow, salted hashes, because attackers can try the likely ones. No API key is likelier than another, so a fast hash is as safe, and the server
/// can compute it for each call.
/// </remarks>
internal static class ApiKey
{
    private const string Prefix = "chats_";
    private const int SecretBytes = 32;
    private const int SecretCharacters = 43;

    /// <summary>Creates a key.</summary>
    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>Indicates whether a text has the form of a key. No token has it.</summary>
    public static bool HasForm(string text) =>
        text.Length == Prefix.Length + SecretCharacters
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && Base64Url.IsValid(text.AsSpan(Prefix.Length));
}
