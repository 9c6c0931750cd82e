using System.Net;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;

namespace GenAI.Chats.Api.Tests.Web.Ui;

/// <summary>The UI message stream of a server with tenants: nothing without credentials, and nothing of another tenant.</summary>
public sealed class UiAccessTests(TenantsServer server) : ApiTest(server), IClassFixture<TenantsServer>, IDisposable
{
    private const string Path = "/api/ui/chat";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Theory]
    [InlineData("POST", Path)]
    [InlineData("GET", $"{Path}/a/stream")]
    [InlineData("GET", $"{Path}/a/messages")]
    [InlineData("POST", $"{Path}/a/stop")]
    public async Task Request_WithoutCredentials_IsRejected(string method, string path)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await _web.SendAsync(method, path)).Status);
    }

    [Fact]
    public async Task Chat_OfAnotherTenant_DoesNotExist()
    {
        var (alpha, beta) = (("x-api-key", server.Keys[TenantsServer.Alpha]), ("x-api-key", server.Keys[TenantsServer.Beta]));
        using var sent = await _web.StreamAsync("POST", Path, Request("alpha words", """{"labels": {"echo-delay-ms": "60000"}}"""), alpha);
        await sent.NextAsync();

        Assert.Empty((await _web.GetAsync($"{Path}/mine/messages", beta)).Expect(HttpStatusCode.OK).AsArray());
        Assert.Equal(HttpStatusCode.NoContent, (await _web.GetAsync($"{Path}/mine/stream", beta)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _web.SendAsync("POST", $"{Path}/mine/stop", null, beta)).Status);
        Assert.Equal("[DONE]", (await _web.EventsAsync("POST", Path, Request("beta", "{}"), beta))[^1].Data);

        // Alpha's turn still runs, and only alpha stops it.
        Assert.Single((await _web.GetAsync($"{Path}/mine/messages", alpha)).Json!.AsArray());
        Assert.Equal(HttpStatusCode.NoContent, (await _web.SendAsync("POST", $"{Path}/mine/stop", null, alpha)).Status);
        Assert.Contains("\"abort\"", (await sent.ToListAsync())[^2].Data, StringComparison.Ordinal);
    }

    private static string Request(string text, string config) =>
        $$"""{"id": "mine", "model": "echo", "config": {{config}}, "messages": [{"id": "same", "role": "user", "parts": [{"type": "text", "text": "{{text}}"}]}]}""";
}
