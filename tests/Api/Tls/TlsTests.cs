using System.Net;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Tls;

/// <summary>TLS on both ports, with certificates that change.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task Connections_AreSecure()
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server("first"));
        await tls.StartAsync("files", []);

        Assert.Equal("CN=first", await tls.SubjectAsync());
        Assert.Equal(("https", "https"), (tls.Server.Addresses.Grpc.Scheme, tls.Server.Addresses.Http.Scheme));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebPort_WithTls_HasBothVersions(string version)
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server("first"));
        await tls.StartAsync("files", []);
        using var http = tls.Web();

        // The gRPC port has other protocols, and the same certificate.
        await tls.SubjectAsync();
        using var response = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/healthz/live") { Version = new Version(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        await tls.SubjectAsync();

        Assert.Equal((HttpStatusCode.OK, new Version(version)), (response.StatusCode, response.Version));
    }

    [Fact]
    public async Task WebPort_WithoutTls_ServesOnlyHealth()
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server("first"));
        await tls.StartAsync("files", []);
        using var http = new HttpClient { BaseAddress = new UriBuilder(tls.Server.Addresses.Http) { Scheme = "http" }.Uri };

        using var ready = await http.GetAsync("/healthz/ready");
        using var chats = await http.GetAsync("/v1/chats");

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Equal(HttpStatusCode.UpgradeRequired, chats.StatusCode);
        Assert.Contains("TLS_REQUIRED", await chats.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_Change_NewConnectionsGetTheNewCertificate()
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server("first"));
        await tls.StartAsync("files", []);
        var open = tls.Connect();
        await open.ListChatsAsync(new());

        tls.Write("files", tls.Authority.Server("second"));
        tls.Reload();

        Assert.Equal("CN=second", await tls.SubjectAsync());
        await open.ListChatsAsync(new());
    }

    [Fact]
    public async Task LinkAboveTheFiles_Changes_NewConnectionsGetTheNewCertificate()
    {
        // As Kubernetes has it: secret/server.pem leads to secret/..data/server.pem, and ..data to a directory of each version.
        await using var tls = new SecureServer();
        tls.Write("v1", tls.Authority.Server("first"));
        tls.Write("v2", tls.Authority.Server("second"));
        Directory.CreateDirectory(tls.PathTo("secret"));
        Directory.CreateSymbolicLink(tls.PathTo("secret/..data"), tls.PathTo("v1"));
        foreach (var file in (string[])["server.pem", "server.key"])
        {
            File.CreateSymbolicLink(tls.PathTo($"secret/{file}"), $"..data/{file}");
        }

        await tls.StartAsync("secret", []);
        Assert.Equal("CN=first", await tls.SubjectAsync());

        Directory.CreateSymbolicLink(tls.PathTo("secret/..new"), tls.PathTo("v2"));
        Directory.Delete(tls.PathTo("secret/..data"));
        Directory.Move(tls.PathTo("secret/..new"), tls.PathTo("secret/..data"));
        tls.Reload();

        Assert.Equal("CN=second", await tls.SubjectAsync());
    }

    [Theory]
    [InlineData("server.pem", "nonsense")]
    [InlineData("server.key", "")]
    [InlineData("server.key", null)]
    public async Task Files_Broken_TheOldCertificateStays(string file, string? content)
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server("first"));
        await tls.StartAsync("files", ["CertificateKept"]);

        File.Delete(tls.PathTo($"files/{file}"));
        if (content is not null)
        {
            await File.WriteAllTextAsync(tls.PathTo($"files/{file}"), content);
        }

        tls.Reload();
        Assert.Equal("CN=first", await tls.SubjectAsync());

        tls.Write("files", tls.Authority.Server("second"));
        tls.Reload();
        Assert.Equal("CN=second", await tls.SubjectAsync());
    }

    [Fact]
    public async Task ClientCertificate_Required_OnlyThoseOfTheAuthorityConnect()
    {
        await using var tls = new SecureServer();
        using var others = new Authority();
        tls.Write("files", tls.Authority.Server());
        await tls.StartAsync("files", [], $"--Api:Tls:ClientCa={tls.PathTo("files/ca.pem")}");

        await tls.Connect(tls.Authority.Client()).ListChatsAsync(new());

        await AssertTurnedAwayAsync(tls.Connect());
        await AssertTurnedAwayAsync(tls.Connect(others.Client()));
        await AssertTurnedAwayAsync(tls.Connect(tls.Authority.Server()));
        await AssertTurnedAwayAsync(tls.Connect(tls.Authority.Client(until: DateTimeOffset.UtcNow.AddHours(-1))));
    }

    [Fact]
    public async Task ClientCertificate_NamesTheTenant()
    {
        await using var tls = new SecureServer();
        tls.Write("files", tls.Authority.Server());
        await tls.StartAsync(
            "files",
            [],
            $"--Api:Tls:ClientCa={tls.PathTo("files/ca.pem")}",
            "--Api:Tls:RequireClientCertificate=false",
            "--Authentication:Schemes=ClientCertificates",
            "--Authentication:ClientCertificates:TenantSource=Uri",
            @"--Authentication:ClientCertificates:Pattern=spiffe://test/ns/(?<tenant>[^/]+)/.*");
        var (alpha, beta) = (ConnectAs("alpha"), ConnectAs("beta"));

        var chat = await alpha.CreateChatAsync(new CreateChatRequest { Model = "echo" });

        Assert.Equal(chat, await ConnectAs("alpha").GetChatAsync(new GetChatRequest { Name = chat.Name }));
        Assert.Equal("CHAT_NOT_FOUND", (await Failure.OfAsync(beta.GetChatAsync(new GetChatRequest { Name = chat.Name }))).Reason);
        Assert.Equal("MISSING_CREDENTIALS", (await Failure.OfAsync(tls.Connect().ListChatsAsync(new()))).Reason);
        Assert.Equal("INVALID_CREDENTIALS", (await Failure.OfAsync(tls.Connect(tls.Authority.Client()).ListChatsAsync(new()))).Reason);
        Assert.Equal("INVALID_CREDENTIALS", (await Failure.OfAsync(alpha.ListChatsAsync(new(), new Metadata { { "x-api-key", "guess" } }))).Reason);

        V1.Chats.ChatsClient ConnectAs(string tenant) => tls.Connect(tls.Authority.Client(names: n => n.AddUri(new Uri($"spiffe://test/ns/{tenant}/sa/x"))));
    }

    // With TLS 1.3 a client believes itself connected before it is turned away: when it hears of it decides what gRPC makes of it.
    private static async Task AssertTurnedAwayAsync(V1.Chats.ChatsClient client)
    {
        var failure = await Failure.OfAsync(client.ListChatsAsync(new()));
        Assert.True(failure is { Reason: null, Code: StatusCode.Unavailable or StatusCode.Internal }, failure.ToString());
    }
}
