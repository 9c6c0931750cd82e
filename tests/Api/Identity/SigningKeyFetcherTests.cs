using System.Text.Json;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Tests.Identity.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>The issuer's keys over HTTP: by discovery, or from their own URL.</summary>
public sealed class SigningKeyFetcherTests : IAsyncLifetime
{
    private readonly WebApplication _app = Build();
    private string _issuer = "";
    private string _discovery = "";

    private string Url => _app.Urls.First();

    public async Task InitializeAsync()
    {
        _app.MapGet("/.well-known/openid-configuration", () => Results.Content(_discovery, "application/json"));
        _app.MapGet("/keys", () => Results.Content(Issuer.KeySet(new Issuer("key-7")), "application/json"));
        _app.MapGet("/nonsense", () => "nonsense");
        await _app.StartAsync();
        _issuer = Url;
        _discovery = JsonSerializer.Serialize(new { issuer = _issuer, jwks_uri = $"{Url}/keys" });
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Fetch_ByDiscovery_HasTheKeys() =>
        Assert.NotEmpty((await FetchAsync(new JwtOptions { Issuer = _issuer })).For("key-7"));

    [Fact]
    public async Task Fetch_FromUrl_HasTheKeys() =>
        Assert.NotEmpty((await FetchAsync(new JwtOptions { Issuer = "any", JwksUri = new Uri($"{Url}/keys") })).For("key-7"));

    [Theory]
    [InlineData("{\"issuer\":\"https://others.test\",\"jwks_uri\":\"URL/keys\"}")]
    [InlineData("{\"issuer\":\"URL\",\"jwks_uri\":\"http://others.test/keys\"}")]
    [InlineData("{\"issuer\":\"URL\",\"jwks_uri\":\"file:///etc/passwd\"}")]
    [InlineData("{\"issuer\":\"URL\",\"jwks_uri\":\"URL/nonsense\"}")]
    [InlineData("{\"issuer\":\"URL\"}")]
    [InlineData("nonsense")]
    public async Task Fetch_ByABadDocument_Fails(string document)
    {
        _discovery = document.Replace("URL", Url, StringComparison.Ordinal);

        await Assert.ThrowsAnyAsync<Exception>(() => FetchAsync(new JwtOptions { Issuer = _issuer }));
    }

    private static async Task<SigningKeySet> FetchAsync(JwtOptions options)
    {
        using var fetcher = new SigningKeyFetcher(options);
        return await fetcher.FetchAsync();
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
