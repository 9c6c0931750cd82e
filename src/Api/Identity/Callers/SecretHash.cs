namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>SHA-256 hashes of API keys and tokens, as text: <c>sha256:</c> and 64 hexadecimal digits.</summary>
/// <remarks>The time that a lookup takes reveals nothing about a secret, because a text with a given hash can't be constructed.</remarks>
internal static partial class SecretHash
{
    private const string Prefix = "sha256:";

    /// <summary>Computes the hash of a secret.</summary>
    public static string Of(string secret) => Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Returns a hash in the form that <see cref="Of"/> returns, or null if the text isn't a hash.</summary>
    public static string? Parse(string text) => Form().IsMatch(text) ? text.ToLowerInvariant() : null;

    [GeneratedRegex(@"\Asha256:[0-9A-Fa-f]{64}\z")]
    private static partial Regex Form();
}
