using System.Text.Json;
using GenAI.Chats.Api.Reloading;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>Which tokens are good.</summary>
public sealed class TokenTests(TenantsServer server) : ApiTest(server), IClassFixture<TenantsServer>
{
    private const string Alpha = TenantsServer.Alpha;
    private static readonly Issuer Other = new("key-1");

    private static readonly Dictionary<string, Func<Issuer, string>> Good = new()
    {
        ["RS256"] = i => i.Token(Alpha),
        ["PS384"] = i => i.Sign(Issuer.Claims(Alpha), "PS384"),
        ["ES256"] = i => i.Sign(Issuer.Claims(Alpha), "ES256", i.KeyId + "-ec"),
        ["several audiences"] = i => i.Sign(With("aud", new[] { "others", Issuer.Audience })),
        ["no key id"] = i => i.Sign(Json(Issuer.Claims(Alpha)), new { alg = "RS256" }),
        ["expired within the skew"] = i => i.Sign(Issuer.Claims(Alpha, DateTimeOffset.UtcNow.AddSeconds(-10))),
        ["good for ever"] = i => i.Sign(With("exp", 253402300799L)),
    };

    private static readonly Dictionary<string, Func<Issuer, string>> Bad = new()
    {
        ["another's signature"] = _ => Other.Token(Alpha),
        ["no signature"] = i => i.Token(Alpha)[..^20],
        ["alg none"] = i => i.Sign(Issuer.Claims(Alpha), "none"),
        ["alg None without a signature"] = i => i.Sign(Json(Issuer.Claims(Alpha)), new { alg = "None" }).TrimEnd('.') + ".",
        ["the public key as a secret"] = i => i.Sign(Issuer.Claims(Alpha), "HS256"),
        ["the public key as a secret, without its id"] = i => i.Sign(Json(Issuer.Claims(Alpha)), new { alg = "HS256" }),
        ["another's key in the header"] = _ => Other.Sign(Json(Issuer.Claims(Alpha)), new
        {
            alg = "RS256",
            kid = "key-1",
            jwk = JsonDocument.Parse(Issuer.KeySet(Other)).RootElement.GetProperty("keys")[0],
        }),
        ["another's key id"] = i => i.Sign(Issuer.Claims(Alpha), keyId: "key-2"),
        ["the key id of a key of another kind"] = i => i.Sign(Issuer.Claims(Alpha), keyId: "key-1-ec"),
        ["another payload"] = i => Swap(i.Token("beta"), i.Token(Alpha)),
        ["another issuer"] = i => i.Sign(With("iss", "https://others.test")),
        ["no issuer"] = i => i.Sign(Without("iss")),
        ["another audience"] = i => i.Sign(With("aud", "others")),
        ["no audience"] = i => i.Sign(Without("aud")),
        ["no expiry"] = i => i.Sign(Without("exp")),
        ["an expiry that is text"] = i => i.Sign(With("exp", "tomorrow")),
        ["not yet"] = i => i.Sign(With("nbf", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds())),
        ["no tenant"] = i => i.Sign(Without("tenant")),
        ["an empty tenant"] = i => i.Sign(With("tenant", "")),
        ["a tenant with a slash"] = i => i.Sign(With("tenant", "alpha/chat")),
        ["a tenant with a line break"] = i => i.Sign(With("tenant", "alpha\n")),
        ["a long tenant"] = i => i.Sign(With("tenant", new string('a', 65))),
        ["a list of tenants"] = i => i.Sign(With("tenant", new[] { Alpha })),
        ["a number as the tenant"] = i => i.Sign(With("tenant", 7)),
        ["an object as the tenant"] = i => i.Sign(With("tenant", new { name = Alpha })),
        ["no text as the tenant"] = i => i.Sign(With("tenant", null!)),
        ["two tenants"] = i => i.Sign(Json(Issuer.Claims(Alpha))[..^1] + ",\"tenant\":\"beta\"}", new { alg = "RS256", kid = i.KeyId }),
        ["no claims"] = i => i.Sign("[]", new { alg = "RS256", kid = i.KeyId }),
        ["no JSON"] = i => i.Sign("alpha", new { alg = "RS256", kid = i.KeyId }),
        ["encrypted"] = i => i.Token(Alpha) + ".a.b",
        ["too long"] = i => i.Sign(With("more", new string('x', 20_000))),
    };

    public static TheoryData<string> GoodOnes => [.. Good.Keys];

    public static TheoryData<string> BadOnes => [.. Bad.Keys];

    [Theory]
    [MemberData(nameof(GoodOnes))]
    public async Task Token_Good_IsTheTenants(string name)
    {
        var token = Good[name](server.Issuer);
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, server.As(Alpha));

        // Known from the second time on.
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(chat, await Client.GetChatAsync(new GetChatRequest { Name = chat.Name }, Bearer(token)));
        }
    }

    [Theory]
    [MemberData(nameof(BadOnes))]
    public async Task Token_Bad_IsRejected(string name)
    {
        var token = Bad[name](server.Issuer);

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("INVALID_CREDENTIALS", await ReasonAsync(server, token));
        }
    }

    [Fact]
    public async Task Token_Expired_HasItsOwnReason() =>
        Assert.Equal("EXPIRED_CREDENTIALS", await ReasonAsync(server, server.Issuer.Sign(Issuer.Claims(Alpha, DateTimeOffset.UtcNow.AddMinutes(-1)))));

    [Fact]
    public async Task KeySetFile_Changes_CountForKnownTokensToo()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync(), "SigningKeysKept");
        var tenants = (TenantsServer)own.Value;
        var next = new Issuer("key-2");
        var (before, after) = (tenants.Issuer.Token(Alpha), next.Token(Alpha));
        Assert.Equal((null, "INVALID_CREDENTIALS"), (await ReasonAsync(tenants, before), await ReasonAsync(tenants, after)));

        await ChangeAsync("{}");
        Assert.Equal((null, "INVALID_CREDENTIALS"), (await ReasonAsync(tenants, before), await ReasonAsync(tenants, after)));
        await ChangeAsync(Issuer.KeySet(tenants.Issuer, next));
        Assert.Equal((null, null), (await ReasonAsync(tenants, before), await ReasonAsync(tenants, after)));
        await ChangeAsync(Issuer.KeySet(next));
        Assert.Equal(("INVALID_CREDENTIALS", null), (await ReasonAsync(tenants, before), await ReasonAsync(tenants, after)));

        async Task ChangeAsync(string content)
        {
            await File.WriteAllTextAsync(tenants.KeySetFile, content);
            tenants.App.Services.GetServices<IReloadable>().ToList().ForEach(r => r.Reload());
        }
    }

    private static async Task<string?> ReasonAsync(TenantsServer server, string token)
    {
        try
        {
            await server.Client.ListChatsAsync(new ListChatsRequest(), Bearer(token));
            return null;
        }
        catch (RpcException refused)
        {
            Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
            return Failure.Of(refused).Reason;
        }
    }

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

    private static Dictionary<string, object> With(string claim, object value)
    {
        var claims = Issuer.Claims(Alpha);
        claims[claim] = value;
        return claims;
    }

    private static Dictionary<string, object> Without(string claim)
    {
        var claims = Issuer.Claims(Alpha);
        claims.Remove(claim);
        return claims;
    }

    private static string Json(object claims) => JsonSerializer.Serialize(claims);

    private static string Swap(string payload, string rest)
    {
        var parts = rest.Split('.');
        return $"{parts[0]}.{payload.Split('.')[1]}.{parts[2]}";
    }
}
