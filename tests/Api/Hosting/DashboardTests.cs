using System.Net;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Hosting;
using GenAI.Chats.Silo.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>The Orleans Dashboard: served on request, without data of chats, and only to this machine if callers must authenticate.</summary>
public sealed class DashboardTests
{
    private const string On = "--Orleans:Dashboard=true";

    private static readonly string[] Authenticated = ["--Authentication:Schemes=ApiKeys", "--Authentication:ApiKeys:Keys:0:Id=a", "--Authentication:ApiKeys:Keys:0:Tenant=a", "--Authentication:ApiKeys:Keys:0:Hash=sha256:" + new string('0', 64)];

    [Fact]
    public async Task Get_Disabled_IsNotFound()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync());

        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(server, "/orleans/"));
        Assert.Equal(HttpStatusCode.NotFound, await GetAsync(server, "/orleans/DashboardCounters"));
    }

    [Fact]
    public async Task Get_Enabled_ServesThePageAndCountsButNoState()
    {
        // If the server stops during a call of the dashboard, Orleans logs that it can't cancel the call.
        await using var server = new DisposableServer(await TestServer.StartAsync([On, .. Authenticated]), "SelectTargetFailed");

        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "/orleans"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, "/orleans/DashboardCounters"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(server, "/orleans/GrainState?grainId=a/b&grainType=GenAI.Chats.Grains.ChatGrain"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(server, "/orleans/Trace"));
    }

    [Fact]
    public async Task Get_FrontDoorWithoutASilo_IsUnavailable()
    {
        await using var door = ApiServer.Build(["--Api:Role=FrontDoor", On]);
        var endpoint = ((IEndpointRouteBuilder)door).DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Single(static endpoint => endpoint.RoutePattern.RawText == "/orleans/DashboardCounters");
        var context = new DefaultHttpContext { RequestServices = door.Services };

        await endpoint.RequestDelegate!(context);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("Api:Address (0.0.0.0)", "--Api:Address=0.0.0.0")]
    [InlineData("Api:Address (::)", "--Api:Address=::")]
    [InlineData("Kestrel:Endpoints (*)", "--Kestrel:Endpoints:A:Url=http://localhost:0", "--Kestrel:Endpoints:B:Url=http://*:0")]
    public void Build_AuthenticatedAndOpenToOthers_IsRejected(string address, params string[] settings) =>
        AssertRejected(address, Assert.ThrowsAny<Exception>(() => ApiServer.Build([On, .. Authenticated, .. settings])));

    [Fact]
    public async Task Build_OpenToOthersWithoutAuthentication_IsAllowed()
    {
        await using var server = ApiServer.Build([On, "--Api:Address=0.0.0.0"]);
    }

    private static void AssertRejected(string address, Exception failure) => Assert.Equal(
        "Orleans:Dashboard: invalid value 'true'. Expected: false, because Authentication:Schemes requires authentication, the dashboard shows the activity of all tenants, "
        + $"and {address} is not a loopback address.",
        StartFailure.Explain(failure, ApiOptions.SectionName));

    private static async Task<HttpStatusCode> GetAsync(DisposableServer server, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(server.Value.Addresses.Http, path));
        return response.StatusCode;
    }
}
