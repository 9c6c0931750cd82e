using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Base64Url = System.Buffers.Text.Base64Url;

namespace GenAI.Chats.Api.Tests.Identity.Support;

/// <summary>Signs tokens, good ones and others, without the library that checks them.</summary>
internal sealed class Issuer
{
    public const string Name = "https://issuer.test";
    public const string Audience = "chats";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Issuer(string keyId = "key-1") => KeyId = keyId;

    public string KeyId { get; }

    /// <summary>The public key as those who take it for a shared secret would use it.</summary>
    public byte[] PublicPem => Encoding.ASCII.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem());

    /// <summary>The public keys of issuers, as a JSON Web Key Set.</summary>
    public static string KeySet(params Issuer[] issuers) => JsonSerializer.Serialize(new { keys = issuers.SelectMany(i => i.Keys()) });

    /// <summary>The claims of a good token.</summary>
    public static Dictionary<string, object> Claims(object tenant, DateTimeOffset? expires = null) => new()
    {
        ["iss"] = Name,
        ["aud"] = Audience,
        ["sub"] = "somebody",
        ["exp"] = (expires ?? DateTimeOffset.UtcNow.AddHours(1)).ToUnixTimeSeconds(),
        ["tenant"] = tenant,
    };

    /// <summary>A good token.</summary>
    public string Token(string tenant) => Sign(Claims(tenant));

    /// <summary>A token with any claims.</summary>
    public string Sign(object claims, string alg = "RS256", string? keyId = null) =>
        Sign(JsonSerializer.Serialize(claims), new { alg, typ = "JWT", kid = keyId ?? KeyId });

    /// <summary>A token with any payload and header, signed as the header's algorithm says.</summary>
    public string Sign(string payload, object header)
    {
        var head = JsonSerializer.SerializeToElement(header);
        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(head))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(Signature(head.GetProperty("alg").GetString()!, Encoding.ASCII.GetBytes(signed)))}";
    }

    private byte[] Signature(string algorithm, byte[] data) => algorithm switch
    {
        "RS256" => _rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        "PS384" => _rsa.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        "ES256" => _ec.SignData(data, HashAlgorithmName.SHA256),
        "HS256" => HMACSHA256.HashData(PublicPem, data),
        _ => [],
    };

    private object[] Keys()
    {
        var rsa = _rsa.ExportParameters(false);
        var ec = _ec.ExportParameters(false).Q;
        return
        [
            new { kty = "RSA", kid = KeyId, use = "sig", n = Base64Url.EncodeToString(rsa.Modulus), e = Base64Url.EncodeToString(rsa.Exponent) },
            new { kty = "EC", kid = KeyId + "-ec", use = "sig", crv = "P-256", x = Base64Url.EncodeToString(ec.X), y = Base64Url.EncodeToString(ec.Y) },
        ];
    }
}
