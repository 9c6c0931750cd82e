using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Reloading;
using GenAI.Chats.Api.Tests.Errors;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using Reflection = Grpc.Reflection.V1;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>Who is let in, and as whom.</summary>
public sealed class AuthenticationTests(TenantsServer server) : ApiTest(server), IClassFixture<TenantsServer>
{
    private const string Missing = "MISSING_CREDENTIALS";
    private const string Invalid = "INVALID_CREDENTIALS";

    private string Key => server.Keys[TenantsServer.Alpha];

    [Fact]
    public async Task Call_WithAKeyOrAToken_IsTheTenants()
    {
        Metadata[] good =
        [
            new() { { "x-api-key", Key } },
            new() { { "authorization", $"Bearer {Key}" } },
            new() { { "Authorization", $"bearer {server.Issuer.Token(TenantsServer.Alpha)}" } },
        ];
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, server.As(TenantsServer.Alpha));

        foreach (var headers in good)
        {
            Assert.Equal(chat, await Client.GetChatAsync(new GetChatRequest { Name = chat.Name }, headers));
        }
    }

    [Theory]
    [InlineData("", "", Missing)]
    [InlineData("x-api-key", "", Missing)]
    [InlineData("x-api-key", "guess", Invalid)]
    [InlineData("x-api-key", "KEY+", Invalid)]
    [InlineData("x-api-key", "key", Invalid)]
    [InlineData("x-api-key", "chats_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Invalid)]
    [InlineData("authorization", "KEY", Invalid)]
    [InlineData("authorization", "Basic KEY", Invalid)]
    [InlineData("authorization", "Bearer", Invalid)]
    [InlineData("authorization", "Bearer a.b.c", Invalid)]
    [InlineData("authorization", "Bearer Bearer KEY", Invalid)]
    public async Task Call_WithOther_IsRejected(string header, string value, string reason)
    {
        value = value.Replace("KEY", Key, StringComparison.Ordinal).Replace("key", Key.ToUpperInvariant(), StringComparison.Ordinal);

        var failure = await RefusedAsync(header.Length == 0 ? [] : new() { { header, value } });

        Assert.Equal(reason, failure.Reason);
        Assert.DoesNotContain(Key, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WithSeveralCredentials_IsRejected()
    {
        var token = server.Issuer.Token(TenantsServer.Alpha);

        Assert.Equal(Invalid, (await RefusedAsync(new() { { "x-api-key", Key }, { "authorization", $"Bearer {token}" } })).Reason);
        Assert.Equal(Invalid, (await RefusedAsync(new() { { "x-api-key", Key }, { "x-api-key", server.Keys[TenantsServer.Beta] } })).Reason);
        Assert.Equal(Invalid, (await RefusedAsync(new() { { "authorization", $"Bearer {token}" }, { "authorization", $"Bearer {Key}" } })).Reason);
    }

    [Theory]
    [InlineData("SendMessage")]
    [InlineData("Nonsense")]
    public async Task Call_WithoutCredentials_IsRejectedBeforeItsMessageIsRead(string method)
    {
        byte[] malformed = [0xff, 0xff];

        var refused = await Failure.OfAsync(Server.Channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method(method), null, default, malformed));
        var read = await Failure.OfAsync(
            Server.Channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method(method), null, new CallOptions(server.As(TenantsServer.Alpha)), malformed));

        Assert.Equal((StatusCode.Unauthenticated, Missing), (refused.Code, refused.Reason));
        Assert.NotEqual(StatusCode.Unauthenticated, read.Code);
    }

    [Fact]
    public async Task Stream_WithoutCredentials_IsRejected()
    {
        var failure = await Failure.OfAsync(Client.SendMessageStream(new SendMessageRequest { Name = "chats/a", Text = "hi" }));

        Assert.Equal((StatusCode.Unauthenticated, Missing), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task HealthAndReflection_WithoutCredentials_Answer()
    {
        using var http = new HttpClient();
        await new Health.HealthClient(Server.Channel).CheckAsync(new HealthCheckRequest());
        (await http.GetAsync(new Uri(Server.Addresses.Http, "/healthz/ready"))).EnsureSuccessStatusCode();
        using var reflection = new Reflection.ServerReflection.ServerReflectionClient(Server.Channel).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new Reflection.ServerReflectionRequest { ListServices = "*" });

        Assert.True(await reflection.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Reflection_Closed_RequiresCredentials()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync("--Authentication:AnonymousReflection=false"));
        using var refused = new Reflection.ServerReflection.ServerReflectionClient(own.Value.Channel).ServerReflectionInfo();
        using var answered = new Reflection.ServerReflection.ServerReflectionClient(own.Value.Channel)
            .ServerReflectionInfo(((TenantsServer)own.Value).As(TenantsServer.Beta));

        var failure = await Failure.OfAsync(() => refused.ResponseStream.MoveNext(CancellationToken.None));
        await answered.RequestStream.WriteAsync(new Reflection.ServerReflectionRequest { ListServices = "*" });

        Assert.Equal(StatusCode.Unauthenticated, failure.Code);
        Assert.True(await answered.ResponseStream.MoveNext(CancellationToken.None));
        await new Health.HealthClient(own.Value.Channel).CheckAsync(new HealthCheckRequest());
    }

    [Fact]
    public async Task KeysFile_Changes_CountWithoutARestart()
    {
        await using var own = new DisposableServer(await TenantsServer.StartAsync(), "ApiKeysKept");
        var tenants = (TenantsServer)own.Value;
        var later = ApiKey.New();
        await tenants.Client.ListChatsAsync(new ListChatsRequest(), tenants.As(TenantsServer.Alpha));

        await ChangeAsync("{ broken");
        await tenants.Client.ListChatsAsync(new ListChatsRequest(), tenants.As(TenantsServer.Alpha));
        await ChangeAsync(TenantsServer.KeysJson(("new", TenantsServer.Alpha, later, null)));

        var revoked = await Failure.OfAsync(tenants.Client.ListChatsAsync(new ListChatsRequest(), tenants.As(TenantsServer.Alpha)));
        Assert.Equal(Invalid, revoked.Reason);
        await tenants.Client.ListChatsAsync(new ListChatsRequest(), new Metadata { { "x-api-key", later } });

        async Task ChangeAsync(string content)
        {
            await File.WriteAllTextAsync(tenants.KeysFile, content);
            tenants.App.Services.GetServices<IReloadable>().ToList().ForEach(r => r.Reload());
        }
    }

    private async Task<Failure> RefusedAsync(Metadata headers)
    {
        var failure = await Failure.OfAsync(Client.CreateChatAsync(new CreateChatRequest { Model = "echo" }, headers));
        Assert.Equal(StatusCode.Unauthenticated, failure.Code);
        Assert.Equal("genai.chats.v1", failure.Domain);
        return failure;
    }
}
