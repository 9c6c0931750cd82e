using Microsoft.IdentityModel.Tokens;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>
/// The public keys of an issuer. Other keys of the set are ignored: if a secret key was used, or a public key as a secret, anybody who can read the set could
/// sign tokens.
/// </summary>
internal sealed class SigningKeySet
{
    private const int MinRsaBits = 2048;

    private SigningKeySet(IReadOnlyList<SecurityKey> keys) => Keys = keys;

    /// <summary>Gets the keys.</summary>
    public IReadOnlyList<SecurityKey> Keys { get; }

    /// <summary>Reads a JSON Web Key Set.</summary>
    /// <exception cref="InvalidDataException">The set has no usable key.</exception>
    public static SigningKeySet Read(string json) => Of(JsonWebKeySet.Create(json).Keys);

    /// <summary>Reads a file with a JSON Web Key Set.</summary>
    public static SigningKeySet ReadFile(string path) => Read(File.ReadAllText(path));

    /// <summary>Creates a set of the usable ones among some keys.</summary>
    /// <exception cref="InvalidDataException">None of them is usable.</exception>
    public static SigningKeySet Of(IEnumerable<SecurityKey> keys)
    {
        var usable = keys.Where(IsUsable).ToList();
        return usable.Count > 0 ? new SigningKeySet(usable) : throw new InvalidDataException("It has no public RSA key of 2048 bits or more, and no public EC key.");
    }

    /// <summary>Indicates whether an exception means that a key set is invalid or can't be read.</summary>
    public static bool IsFault(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException or System.Text.Json.JsonException;

    /// <summary>Returns the keys that can have signed a token: those with its key ID, or all keys if it has no key ID.</summary>
    public IReadOnlyList<SecurityKey> For(string? keyId) =>
        string.IsNullOrEmpty(keyId) ? Keys : [.. Keys.Where(key => key.KeyId == keyId)];

    /// <summary>Indicates whether another set has the same keys.</summary>
    public bool IsSame(SigningKeySet? other) => other is not null && Keys.Select(Print).ToHashSet().SetEquals(other.Keys.Select(Print));

    private static string Print(SecurityKey key) => $"{key.KeyId} {Convert.ToHexString(key.ComputeJwkThumbprint())}";

    private static bool IsUsable(SecurityKey key) => key switch
    {
        JsonWebKey { HasPrivateKey: true } or JsonWebKey { Use: "enc" } => false,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA } rsa => rsa.KeySize >= MinRsaBits,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } => true,
        _ => false,
    };
}
