using Microsoft.IdentityModel.Tokens;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>
/// The public keys of an issuer. Only keys of which the issuer has another half count: were a secret key among them, or a public one taken for a secret, whoever
/// can read the set could sign.
/// </summary>
internal sealed class KeySet
{
    private const int MinRsaBits = 2048;

    private KeySet(IReadOnlyList<SecurityKey> keys) => Keys = keys;

    /// <summary>The keys.</summary>
    public IReadOnlyList<SecurityKey> Keys { get; }

    /// <summary>Reads a JSON Web Key Set.</summary>
    /// <exception cref="InvalidDataException">It has none that counts.</exception>
    public static KeySet Read(string json) => Of(JsonWebKeySet.Create(json).Keys);

    /// <summary>Takes those keys that count.</summary>
    /// <exception cref="InvalidDataException">None does.</exception>
    public static KeySet Of(IEnumerable<SecurityKey> keys)
    {
        var usable = keys.Where(IsUsable).ToList();
        return usable.Count > 0 ? new KeySet(usable) : throw new InvalidDataException("It has no public RSA key of 2048 bits or more, and no public EC key.");
    }

    /// <summary>Whether an exception says that something is no key set, or cannot be read.</summary>
    public static bool IsFault(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or ArgumentException or InvalidDataException or System.Text.Json.JsonException;

    /// <summary>The keys that a token may be signed with: those of its key id, or all where it has none.</summary>
    public IReadOnlyList<SecurityKey> For(string? keyId) =>
        string.IsNullOrEmpty(keyId) ? Keys : [.. Keys.Where(key => key.KeyId == keyId)];

    /// <summary>Whether it has the same keys as another.</summary>
    public bool IsSame(KeySet? other) =>
        other is not null && Keys.Select(Print).Order(StringComparer.Ordinal).SequenceEqual(other.Keys.Select(Print).Order(StringComparer.Ordinal));

    private static string Print(SecurityKey key) => $"{key.KeyId} {Convert.ToHexString(key.ComputeJwkThumbprint())}";

    private static bool IsUsable(SecurityKey key) => key switch
    {
        JsonWebKey { HasPrivateKey: true } or JsonWebKey { Use: "enc" } => false,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.RSA } rsa => rsa.KeySize >= MinRsaBits,
        JsonWebKey { Kty: JsonWebAlgorithmsKeyTypes.EllipticCurve } => true,
        _ => false,
    };
}
