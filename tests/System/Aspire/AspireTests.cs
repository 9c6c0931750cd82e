using System.Text.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using GenAI.Chats.Aspire.Hosting;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;

namespace GenAI.Chats.SystemTests.Aspire;

/// <summary>The Aspire integrations: a server with the settings that the app host gives to it, and a client with the connection string.</summary>
public sealed class AspireTests
{
    private const string Name = "chats";

    [Fact]
    public async Task Resource_Default_HasEndpointsAndAConnectionString()
    {
        var chats = DistributedApplication.CreateBuilder([]).AddGenAIChats(Name, grpcPort: 4000);
        Allocate(chats, "grpc", 4000);

        Assert.Equal("Endpoint=http://localhost:4000", await chats.Resource.ConnectionStringExpression.GetValueAsync(CancellationToken.None));
        var endpoints = chats.Resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(static endpoint => endpoint.Name);
        Assert.Equal(["grpc", "http"], endpoints.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((4000, 50051, "http2"), (endpoints["grpc"].Port, endpoints["grpc"].TargetPort, endpoints["grpc"].Transport));
        Assert.Equal((null, 8080, "http"), (endpoints["http"].Port, endpoints["http"].TargetPort, endpoints["http"].Transport));
        Assert.Single(chats.Resource.Annotations.OfType<HealthCheckAnnotation>());
        var image = Assert.Single(chats.Resource.Annotations.OfType<ContainerImageAnnotation>());
        Assert.Equal("ghcr.io", image.Registry);
        Assert.Matches("^v[0-9]+[.][0-9]+[.][0-9]+", image.Tag);
    }

    [Fact]
    public void WithDataVolume_Resource_MountsTheDataOfTheImage()
    {
        var chats = DistributedApplication.CreateBuilder([]).AddGenAIChats(Name).WithDataVolume("mine");

        var mount = Assert.Single(chats.Resource.Annotations.OfType<ContainerMountAnnotation>());
        Assert.Equal(("mine", "/data", ContainerMountType.Volume), (mount.Source, mount.Target, mount.Type));
        Assert.Contains("VOLUME /data", File.ReadLines(Repository.PathTo("Dockerfile")));
    }

    [Fact]
    public async Task Server_WithTheSettingsOfTheResource_ServesTheClient()
    {
        await using var model = await ScriptedOpenAiServer.StartAsync();
        model.Enqueue(OpenAiReply.StreamOfTexts("Hello ", "there!"));
        var postgres = await PostgresServer.SharedAsync();
        var app = DistributedApplication.CreateBuilder([]);
        app.Configuration["Parameters:key"] = "secret";
        var chats = app.AddGenAIChats(Name)
            .WithPostgres(app.AddResource(new Database(await postgres.CreateSchemaAsync())))
            .WithEchoModel()
            .WithModel("mine-*", "openai", app.AddParameter("key", secret: true), ReferenceExpression.Create($"{model.ApiUrl.AbsoluteUri}"));

        var settings = await SettingsOfAsync(chats.Resource);
        await using var server = await ServerProcess.GreetedAsync(
            ChildProcess.Start("dotnet", [Repository.ServerAssembly, "--Api:GrpcPort=0", "--Api:HttpPort=0"], settings));

        using var host = CreateClient($"Endpoint=http://{server.Address}");
        var client = host.Services.GetRequiredService<ChatsClient>();
        Assert.Equal("Hello there!", string.Concat(await (await client.CreateAsync("mine-1")).SendMessageStreamAsync("Hello!").Select(static chunk => chunk.Text).ToListAsync()));
        Assert.Equal("Echo.", (await (await client.CreateAsync(Echo.Model)).SendMessageAsync("Echo.")).Text);
        Assert.Equal(HealthStatus.Healthy, await HealthOfAsync(host));

        await server.KillAsync();
        Assert.Equal(HealthStatus.Unhealthy, await HealthOfAsync(host));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("ftp://localhost")]
    [InlineData("Endpoint=localhost")]
    [InlineData("Endpoint=http://localhost;Secret=mine")]
    [InlineData("Key=mine")]
    public void AddClient_InvalidConnectionString_FailsWithoutIt(string connection)
    {
        var failure = Assert.Throws<InvalidOperationException>(() => CreateClient(connection));

        Assert.Equal("ConnectionStrings:chats: invalid value. Expected: an http or https URL, or Endpoint=URL;Key=API_KEY.", failure.Message);
    }

    [Fact]
    public void AddClient_WithoutConnection_Fails()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Host.CreateEmptyApplicationBuilder(null).AddGenAIChatsClient(Name));

        Assert.StartsWith("ConnectionStrings:chats is missing.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddClient_Settings_AreReadInOrder()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:chats:grpc:0"] = "http://discovered:1",
            ["Aspire:GenAI:Chats:Client:Key"] = "all",
            ["Aspire:GenAI:Chats:Client:chats:Key"] = "one",
            ["Aspire:GenAI:Chats:Client:Options:CallTimeout"] = "00:00:07",
        });
        ChatsClientSettingsView? seen = null;

        builder.AddKeyedGenAIChatsClient(Name, settings =>
        {
            seen = new(settings.Endpoint, settings.Key, settings.Options.CallTimeout);
            settings.DisableHealthChecks = settings.DisableTracing = true;
        });

        Assert.Equal(new ChatsClientSettingsView(new Uri("http://discovered:1"), "one", TimeSpan.FromSeconds(7)), seen);
        using var host = builder.Build();
        Assert.NotNull(host.Services.GetKeyedService<ChatsClient>(Name));
        Assert.Null(host.Services.GetService<ChatsClient>());
        Assert.Null(host.Services.GetService<HealthCheckService>());
        Assert.Null(host.Services.GetService<TracerProvider>());
    }

    /// <summary>The example: its app host isn't part of the solution, because it needs packages with programs for this machine's operating system.</summary>
    [LongFact]
    public async Task Example_AppHost_PublishesTheServiceAndTheApplication()
    {
        using var directory = new TestDirectory();
        var manifest = Path.Combine(directory.Path, "manifest.json");

        // The projects that it refers to are built already, and other tests run them.
        await ChildProcess.RunAsync("dotnet", ["build", Repository.PathTo("examples/aspire/Web"), "-c", Repository.Configuration, "--no-dependencies", "-nologo"]);
        await ChildProcess.RunAsync("dotnet", ["build", Repository.PathTo("examples/aspire/AppHost"), "-c", Repository.Configuration, "--no-dependencies", "-nologo"]);
        await ChildProcess.RunAsync("dotnet", [Repository.AspireExample, "--publisher", "manifest", "--output-path", manifest]);

        var resources = JsonDocument.Parse(await File.ReadAllTextAsync(manifest)).RootElement.GetProperty("resources");
        Assert.Equal(["chats", "chatsdb", "postgres", "postgres-password", "web"], resources.EnumerateObject().Select(static one => one.Name).Order(StringComparer.Ordinal));
        var chats = resources.GetProperty("chats").GetProperty("env");
        Assert.Equal("{postgres.connectionString};Database=chatsdb", chats.GetProperty("Storage__ConnectionString").GetString());
        Assert.Equal("true", chats.GetProperty("Models__Echo").GetString());
        Assert.Equal("{chats.connectionString}", resources.GetProperty("web").GetProperty("env").GetProperty("ConnectionStrings__chats").GetString());
    }

    private static IHost CreateClient(string connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration[$"ConnectionStrings:{Name}"] = connection;
        builder.AddGenAIChatsClient(Name);
        return builder.Build();
    }

    private static async Task<HealthStatus> HealthOfAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["GenAI.Chats"].Status;

    private static void Allocate(IResourceBuilder<ChatsResource> chats, string name, int port) =>
        chats.WithEndpoint(name, endpoint => endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port));

    private static async Task<Dictionary<string, string>> SettingsOfAsync(ChatsResource resource)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run), resource);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await annotation.Callback(context);
        }

        var settings = new Dictionary<string, string>();
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            settings[name] = value is IValueProvider provider ? await provider.GetValueAsync() ?? "" : (string)value;
        }

        return settings;
    }

    private sealed record ChatsClientSettingsView(Uri? Endpoint, string? Key, TimeSpan CallTimeout);

    // As Aspire.Hosting.PostgreSQL has one.
    private sealed class Database(string connectionString) : Resource("database"), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{connectionString}");
    }
}
