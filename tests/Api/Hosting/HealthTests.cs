using System.Net;
using GenAI.Chats.Engine.Storage;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Reflection = Grpc.Reflection.V1;
using ReflectionAlpha = Grpc.Reflection.V1Alpha;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>What tools ask a server: whether it is well, and what it serves.</summary>
public sealed class HealthTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private const string Service = "genai.chats.v1.Chats";

    private Health.HealthClient Health => ClientOf(Server);

    [Theory]
    [InlineData("")]
    [InlineData(Service)]
    public async Task Health_ServerOrService_IsServing(string service)
    {
        Assert.Equal(ServingStatus.Serving, (await Health.CheckAsync(new HealthCheckRequest { Service = service })).Status);
        using var watch = Health.Watch(new HealthCheckRequest { Service = service });
        Assert.Equal(ServingStatus.Serving, await watch.NextStatusAsync());
    }

    [Fact]
    public async Task Health_AnotherService_IsNotFound()
    {
        var request = new HealthCheckRequest { Service = "nobody" };

        Assert.Equal(StatusCode.NotFound, (await Failure.OfAsync(Health.CheckAsync(request))).Code);
        using var watch = Health.Watch(request);
        Assert.Equal(ServingStatus.ServiceUnknown, await watch.NextStatusAsync());
    }

    [Fact]
    public async Task Watch_ShortChangeOfTheState_IsReported()
    {
        var server = new ShakyServer { Status = HealthStatus.Unhealthy };
        await using var owner = new DisposableServer(server);
        await server.InitializeAsync();
        using var early = ClientOf(server).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.NotServing, await early.NextStatusAsync());

        server.Status = HealthStatus.Degraded;
        using var between = ClientOf(server).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await between.NextStatusAsync());
        server.Status = HealthStatus.Unhealthy;

        Assert.Equal(ServingStatus.NotServing, await between.NextStatusAsync());
        server.Status = HealthStatus.Healthy;
        Assert.Equal(ServingStatus.Serving, await between.NextStatusAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    public async Task Watch_ServerStops_EndsWithTheLastStatus(string service)
    {
        await using var server = new DisposableServer(await TestServer.StartAsync());
        using var watch = ClientOf(server.Value).Watch(new HealthCheckRequest { Service = service });
        await watch.NextStatusAsync();

        server.Value.App.Lifetime.StopApplication();

        if (service.Length == 0)
        {
            Assert.Equal(ServingStatus.NotServing, await watch.NextStatusAsync());
        }

        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    public async Task HttpHealth_Running_IsOk(string path)
    {
        using var http = new HttpClient();

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(Server.Addresses.Http, path))).StatusCode);
    }

    [Fact]
    public async Task Health_StoreIsDamaged_IsNotReadyAndReportsTheCause()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync(), "Damaged");
        using var http = new HttpClient();

        server.Value.App.Services.GetRequiredService<StoreHealth>().Note(new ChatStoreException("The test's store is damaged.") { Damage = StoreDamage.Database });

        Assert.Equal(ServingStatus.NotServing, (await ClientOf(server.Value).CheckAsync(new HealthCheckRequest())).Status);
        var answer = await http.GetAsync(new Uri(server.Value.Addresses.Http, "/healthz/ready"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("Unhealthy: The test's store is damaged.", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task ReflectionV1_ListsTheServiceAndGivesItsFiles()
    {
        using var call = new Reflection.ServerReflection.ServerReflectionClient(Server.Channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new Reflection.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        var services = call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name).ToList();
        Assert.Contains(Service, services);
        Assert.Contains("grpc.health.v1.Health", services);

        await call.RequestStream.WriteAsync(new Reflection.ServerReflectionRequest { FileContainingSymbol = Service });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        AssertIsTheContract(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task ReflectionV1Alpha_ListsTheServiceAndGivesItsFiles()
    {
        using var call = new ReflectionAlpha.ServerReflection.ServerReflectionClient(Server.Channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new ReflectionAlpha.ServerReflectionRequest { ListServices = "*" });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Contains(Service, call.ResponseStream.Current.ListServicesResponse.Service.Select(s => s.Name));

        await call.RequestStream.WriteAsync(new ReflectionAlpha.ServerReflectionRequest { FileContainingSymbol = Service });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        AssertIsTheContract(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    private static Health.HealthClient ClientOf(TestServer server) => new(server.Channel.Intercept(new LimitInterceptor()));

    private static void AssertIsTheContract(IEnumerable<Google.Protobuf.ByteString> files) =>
        Assert.Contains(files, f => f.Equals(GenAI.Chats.V1.ChatsReflection.Descriptor.SerializedData));

    /// <summary>A server with a check that says what the test wants.</summary>
    private sealed class ShakyServer : TestServer
    {
        public HealthStatus Status { get; set; }

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.AddHealthChecks().AddCheck("shaky", () => new HealthCheckResult(Status));
    }
}
