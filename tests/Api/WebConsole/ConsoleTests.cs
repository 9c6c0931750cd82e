using System.Net;
using System.Text.RegularExpressions;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.Api.WebConsole;

namespace GenAI.Chats.Api.Tests.WebConsole;

/// <summary>The files of the console: what they are sent with, and when they are served.</summary>
public sealed partial class ConsoleTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [Theory]
    [InlineData("/console/", "text/html; charset=utf-8")]
    [InlineData("/console/index.html", "text/html; charset=utf-8")]
    [InlineData("/console/js/main.js", "text/javascript; charset=utf-8")]
    [InlineData("/console/css/base.css", "text/css; charset=utf-8")]
    [InlineData("/console/icon.svg", "image/svg+xml")]
    [InlineData("/console/server.json", "application/json; charset=utf-8")]
    public async Task Get_File_HasItsTypeAndStrictHeaders(string path, string contentType)
    {
        using var response = await GetAsync(Server, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.Equal("no-cache", Header(response, "Cache-Control"));
        var policy = Header(response, "Content-Security-Policy");
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Get_PathWithoutSlash_RedirectsRelatively()
    {
        using var response = await GetAsync(Server, "/console");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("console/", response.Headers.Location?.OriginalString);
    }

    [Theory]
    [InlineData("/console/nothing.js")]
    [InlineData("/console/js/")]
    [InlineData("/console/../appsettings.json")]
    [InlineData("/console/%2e%2e/appsettings.json")]
    [InlineData("/console/..%2fappsettings.json")]
    [InlineData("/console//js/main.js")]
    public async Task Get_OtherPath_IsNotFound(string path)
    {
        using var response = await GetAsync(Server, path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Get_WithItsTag_IsNotModified()
    {
        using var first = await GetAsync(Server, "/console/js/main.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Addresses.Http, "/console/js/main.js"));
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Post_IsNotAllowed()
    {
        using var response = await Http.PostAsync(new Uri(Server.Addresses.Http, "/console/"), null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Files_References_AreFilesOfTheConsole()
    {
        foreach (var path in ConsoleFiles.Paths)
        {
            var text = await Http.GetStringAsync(new Uri(Server.Addresses.Http, $"/console/{path}"));
            var directory = new Uri(new Uri("http://host/"), path);
            var missing = Reference.Matches(text).Select(match => new Uri(directory, match.Groups["path"].Value).AbsolutePath[1..]).Where(file => ConsoleFiles.Find(file) is null);

            Assert.Empty(missing);
            Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
            Assert.DoesNotMatch(ForeignAddress, text);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_SetInSettings_IsServedAccordingly(bool enabled)
    {
        await using var own = new DisposableServer(await TestServer.StartAsync($"--Console:Enabled={enabled}"));

        using var page = await GetAsync(own.Value, "/console/");
        using var facts = await GetAsync(own.Value, "/console/server.json");

        Assert.Equal(enabled ? HttpStatusCode.OK : HttpStatusCode.NotFound, page.StatusCode);
        Assert.Equal(page.StatusCode, facts.StatusCode);
    }

    [Theory]
    [InlineData("--Api:Address=127.0.0.1", HttpStatusCode.OK)]
    [InlineData("--Api:Address=0.0.0.0", HttpStatusCode.NotFound)]
    public async Task Get_WithoutAuthentication_IsServedOnlyOnLoopback(string address, HttpStatusCode expected)
    {
        await using var own = new DisposableServer(await TestServer.StartAsync(address));

        using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{own.Value.Addresses.Http.Port}/console/"));

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.NotFound)]
    [InlineData("--Console:Enabled=true", HttpStatusCode.OK)]
    public async Task Get_WithAuthentication_IsServedOnRequestAndNeedsNoKey(string? setting, HttpStatusCode expected)
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync(setting is null ? [] : [setting]));

        using var response = await GetAsync(own.Value, "/console/");

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("--Console:Enabled=maybe")]
    [InlineData("--Console:Enable=true")]
    public void Build_InvalidSetting_IsRejected(string setting) =>
        Assert.Contains("Console:Enable", Assert.ThrowsAny<Exception>(() => ApiServer.Build([setting])).ToString(), StringComparison.Ordinal);

    private static Task<HttpResponseMessage> GetAsync(TestServer server, string path)
    {
        // The path as it is, also if it isn't canonical.
        var address = new Uri($"http://{server.Addresses.Http.Authority}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        return Http.GetAsync(address);
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));

    [GeneratedRegex("""(?:from|src=|href=)\s*["'](?<path>[\w./-]+\.(?:js|css|svg))["']""")]
    private static partial Regex Reference { get; }

    [GeneratedRegex("""(?:https?:)?//(?!www\.w3\.org/2000/svg)[a-z0-9-]+\.[a-z]{2,}""")]
    private static partial Regex ForeignAddress { get; }
}
