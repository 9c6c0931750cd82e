using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Tests.Identity.Support;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <summary>Metadata of honest callers, and of those who guess, have stolen what is no key, or have what was good once.</summary>
internal sealed class RandomCredentials
{
    /// <summary>A tenant without API keys, whose name differs from another's in nothing but a letter's case.</summary>
    public const string Lookalike = "Alpha";

    private readonly (Metadata Headers, string Tenant)[] _good;
    private readonly Metadata[] _bad;

    /// <param name="server">Whose keys and tokens they are.</param>
    /// <param name="past">A key that was revoked, and one that has expired.</param>
    public RandomCredentials(TenantsServer server, params string[] past)
    {
        var issuer = server.Issuer;
        string[] tenants = [TenantsServer.Alpha, TenantsServer.Beta];
        _good =
        [
            .. tenants.Select(t => (ApiKeyHeader(server.Keys[t]), t)),
            .. tenants.Select(t => (Bearer(server.Keys[t]), t)),
            .. tenants.Select(t => (Bearer(issuer.Token(t)), t)),
            (Bearer(issuer.Token(Lookalike)), Lookalike),
        ];
        _bad =
        [
            [],
            .. past.Select(ApiKeyHeader),
            .. tenants.SelectMany(t => Keys(server.Keys[t])).Select(ApiKeyHeader),
            .. tenants.SelectMany(t => Tokens(issuer, t)).Select(Bearer),
            new() { { "authorization", $"Basic {server.Keys[TenantsServer.Alpha]}" } },
            new() { { "x-api-key", server.Keys[TenantsServer.Alpha] }, { "x-api-key", server.Keys[TenantsServer.Beta] } },
            new() { { "x-api-key", server.Keys[TenantsServer.Alpha] }, { "authorization", $"Bearer {issuer.Token(TenantsServer.Beta)}" } },
            new() { { "x-tenant", TenantsServer.Alpha }, { "tenant", TenantsServer.Alpha } },
        ];
    }

    /// <summary>The next caller's metadata.</summary>
    /// <returns>With the tenant that it is good for; null: for none.</returns>
    public (Metadata Headers, string? Tenant) Next(Random random)
    {
        if (random.NextDouble() < 0.7)
        {
            var (headers, tenant) = _good[random.Next(_good.Length)];
            return (headers, tenant);
        }

        return random.Next(8) == 0 ? (Guess(random), null) : (_bad[random.Next(_bad.Length)], null);
    }

    private static Metadata Guess(Random random)
    {
        var bytes = new byte[random.Next(1, 60)];
        random.NextBytes(bytes);
        var text = Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_').TrimEnd('=');
        return random.Next(3) switch
        {
            0 => ApiKeyHeader(text),
            1 => ApiKeyHeader($"chats_{text}"),
            _ => Bearer($"{text}.{text}.{text}"),
        };
    }

    // What an attacker has who knows nearly all of a key, or the configuration.
    private static IEnumerable<string> Keys(string key) =>
    [
        key[..^1], key + "A", $"chats_{key}", key["chats_".Length..], key.ToUpperInvariant(),
        .. Enumerable.Range(6, 5).Select(i => key[..i] + (key[i] == 'A' ? 'B' : 'A') + key[(i + 1)..]),
        SecretHash.Of(key), SecretHash.Of(key)["sha256:".Length..],
    ];

    private static IEnumerable<string> Tokens(Issuer issuer, string tenant)
    {
        var other = new Issuer(issuer.KeyId);
        var claims = Issuer.Claims(tenant);
        var good = issuer.Token(tenant).Split('.');
        return
        [
            other.Token(tenant),
            issuer.Sign(claims, "none"),
            issuer.Sign(claims, "HS256"),
            issuer.Sign(claims, keyId: "another"),
            issuer.Sign(new Dictionary<string, object>(claims) { ["aud"] = "others" }),
            issuer.Sign(new Dictionary<string, object>(claims) { ["iss"] = "others" }),
            issuer.Sign(new Dictionary<string, object>(claims) { ["tenant"] = new[] { tenant } }),
            issuer.Sign(new Dictionary<string, object>(claims) { ["tenant"] = $"{tenant}/" }),
            issuer.Sign(Issuer.Claims(tenant, DateTimeOffset.UtcNow.AddHours(-1))),
            $"{good[0]}.{issuer.Token("another").Split('.')[1]}.{good[2]}",
            $"{good[0]}.{good[1]}.",
            $"{good[0]}.{good[1]}",
        ];
    }

    private static Metadata ApiKeyHeader(string key) => new() { { "x-api-key", key } };

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };
}
