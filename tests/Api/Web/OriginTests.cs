using System.Net;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>Requests of web pages: which origins can call the server, and what their scripts can read.</summary>
public sealed class OriginTests(OriginTests.OpenServer server) : ApiTest(server), IClassFixture<OriginTests.OpenServer>, IDisposable
{
    private const string Allowed = "https://app.example.com";
    private const string Other = "https://evil.example.com";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Theory]
    [InlineData(Allowed, true)]
    [InlineData(Other, false)]
    public async Task Preflight_IsAnsweredForAllowedOrigins(string origin, bool isAllowed)
    {
        foreach (var path in (string[])["/v1/chats", "/v1/chats/a:sendMessage", "/genai.chats.v1.Chats/SendMessage", "/genai.chats.v1.Chats/WatchChat"])
        {
            var answer = await _web.SendAsync(
                "OPTIONS", path, null, ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,x-api-key,x-grpc-web"));

            Assert.Equal(HttpStatusCode.NoContent, answer.Status);
            Assert.Equal(isAllowed ? origin : null, answer.Headers.GetValueOrDefault("Access-Control-Allow-Origin"));
            Assert.Equal(isAllowed ? "content-type,x-api-key,x-grpc-web" : null, answer.Headers.GetValueOrDefault("Access-Control-Allow-Headers"));
        }
    }

    [Fact]
    public async Task Scripts_OfAllowedOrigins_CanReadTheHeaders()
    {
        var answer = await _web.GetAsync("/v1/chats", ("Origin", Allowed));

        answer.Expect(HttpStatusCode.OK);
        var exposed = answer.Headers["Access-Control-Expose-Headers"].Split(',');
        Assert.Empty(((string[])["grpc-status", "grpc-message", "grpc-status-details-bin", "turn-id", "request-id", "ETag"]).Except(exposed));
        Assert.Equal(Allowed, (await _web.GetAsync("/v1/chats/missing", ("Origin", Allowed))).Headers["Access-Control-Allow-Origin"]);
    }

    [Theory]
    [InlineData("evil.example.com", false)]
    [InlineData("evil.example.com:8080", false)]
    [InlineData("localhost.evil.example.com", false)]
    [InlineData("app.example.com", true)]
    [InlineData("localhost:8080", true)]
    [InlineData("chats.localhost", true)]
    [InlineData("127.0.0.1:8080", true)]
    [InlineData("[::1]:8080", true)]
    public async Task Host_ThatIsUnknown_IsRejectedWithoutAuthentication(string host, bool isAllowed)
    {
        var answer = await _web.GetAsync("/v1/chats", ("Host", host));

        Assert.Equal(isAllowed ? (HttpStatusCode.OK, null) : (HttpStatusCode.Forbidden, "HOST_REJECTED"), (answer.Status, answer.Reason));
    }

    [Theory]
    [InlineData(Other, null, false)]
    [InlineData(Other, "cross-site", false)]
    [InlineData("null", null, false)]
    [InlineData(null, "cross-site", false)]
    [InlineData(null, "same-site", false)]
    [InlineData(Other, "same-origin", true)]
    [InlineData(null, "none", true)]
    [InlineData(null, null, true)]
    [InlineData(Allowed, "cross-site", true)]
    public async Task Change_OfAnotherOrigin_IsRejected(string? origin, string? site, bool isAllowed)
    {
        var path = await _web.NewChatAsync();

        // Without a body, a browser sends no preflight request.
        var headers = ((string Name, string? Value)[])[("Origin", origin), ("Sec-Fetch-Site", site)];
        var answer = await _web.SendAsync("POST", $"{path}:rewind", null, [.. headers.Where(h => h.Value is not null).Select(h => (h.Name, h.Value!))]);

        Assert.Equal(isAllowed ? (HttpStatusCode.OK, null) : (HttpStatusCode.Forbidden, "ORIGIN_REJECTED"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Change_OfThePageOfThisServer_IsAllowed()
    {
        var path = await _web.NewChatAsync();

        (await _web.SendAsync("POST", $"{path}:rewind", null, ("Origin", Server.Addresses.Http.GetLeftPart(UriPartial.Authority)))).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Preflight_NeedsNoCredentials_AndOtherRequestsDo()
    {
        await using var tenants = new DisposableServer(await TenantsServer.StartAsync($"--Api:CorsOrigins:0={Allowed}"));
        using var web = new WebApi(tenants.Value);

        var preflight = await web.SendAsync("OPTIONS", "/v1/chats", null, ("Origin", Allowed), ("Access-Control-Request-Method", "GET"));
        var rejected = await web.GetAsync("/v1/chats", ("Origin", Allowed));
        var accepted = await web.GetAsync("/v1/chats", ("X-Api-Key", ((TenantsServer)tenants.Value).Keys[TenantsServer.Alpha]));
        var unknown = await web.GetAsync("/v1/unknown");

        Assert.Equal((HttpStatusCode.NoContent, Allowed), (preflight.Status, preflight.Headers["Access-Control-Allow-Origin"]));
        Assert.Equal((HttpStatusCode.Unauthorized, "MISSING_CREDENTIALS", "Bearer"), (rejected.Status, rejected.Reason, rejected.Headers["WWW-Authenticate"]));
        Assert.Equal(Allowed, rejected.Headers["Access-Control-Allow-Origin"]);
        accepted.Expect(HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.Status);
    }

    [Theory]
    [InlineData("app.example.com")]
    [InlineData("https://app.example.com/")]
    [InlineData("https://app.example.com/page")]
    public void Setting_NoOrigin_IsAnError(string origin)
    {
        var failure = Assert.ThrowsAny<Exception>(() => ApiServer.Build([$"--Api:CorsOrigins:0={origin}"]));

        Assert.Contains($"Api:CorsOrigins: invalid value '{origin}'", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A server that pages of one origin can call.</summary>
    public sealed class OpenServer() : TestServer($"--Api:CorsOrigins:0={Allowed}");
}
