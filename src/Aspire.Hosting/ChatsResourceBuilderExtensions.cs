using Aspire.Hosting.ApplicationModel;
using GenAI.Chats.Aspire.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds the GenAI Chats service to an app host.</summary>
public static class ChatsResourceBuilderExtensions
{
    // As in the image.
    private const int GrpcPort = 50051;
    private const int HttpPort = 8080;
    private const string DataPath = "/data";

    /// <summary>
    /// Adds the service, with gRPC and HTTP endpoints, a health check, and telemetry that goes to the dashboard. By default, chats are in the container, and are lost
    /// with it: call <see cref="WithDataVolume"/> or <see cref="WithPostgres"/>. It authenticates no callers; settings are environment variables, such as
    /// <c>WithEnvironment("Chats__MaxTurns", "1000")</c>.
    /// </summary>
    /// <param name="builder">The app host's builder.</param>
    /// <param name="name">The resource's name, which is also the connection's name.</param>
    /// <param name="grpcPort">The port for gRPC on the host. If null, any free port.</param>
    /// <param name="httpPort">The port for REST and the console on the host. If null, any free port.</param>
    public static IResourceBuilder<ChatsResource> AddGenAIChats(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? grpcPort = null, int? httpPort = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.AddResource(new ChatsResource(name))
            .WithImage(ChatsImage.Name, ChatsImage.Tag)
            .WithImageRegistry(ChatsImage.Registry)
            .WithHttpEndpoint(port: grpcPort, targetPort: GrpcPort, name: ChatsResource.GrpcEndpointName)
            .WithHttpEndpoint(port: httpPort, targetPort: HttpPort, name: ChatsResource.HttpEndpointName)
            .WithEndpoint(ChatsResource.GrpcEndpointName, static endpoint => endpoint.Transport = "http2")
            .WithHttpHealthCheck("/healthz/ready", endpointName: ChatsResource.HttpEndpointName)
            .WithOtlpExporter();
    }

    /// <summary>Keeps the chats in a volume, as an SQLite file. A volume is for one server.</summary>
    /// <param name="builder">The resource's builder.</param>
    /// <param name="name">The volume's name. If null, it's made from the names of the application and the resource.</param>
    public static IResourceBuilder<ChatsResource> WithDataVolume(this IResourceBuilder<ChatsResource> builder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithVolume(name ?? VolumeNameGenerator.Generate(builder, "data"), DataPath);
    }

    /// <summary>Keeps the chats in a Postgres database, and waits until it's ready.</summary>
    /// <param name="builder">The resource's builder.</param>
    /// <param name="database">The database, whose connection string has Npgsql's format: for example, of <c>AddPostgres("postgres").AddDatabase("chatsdb")</c>.</param>
    public static IResourceBuilder<ChatsResource> WithPostgres(
        this IResourceBuilder<ChatsResource> builder, IResourceBuilder<IResourceWithConnectionString> database)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(database);
        return builder
            .WithEnvironment("Storage__Provider", "Postgres")
            .WithEnvironment("Storage__ConnectionString", database.Resource.ConnectionStringExpression)
            .WaitFor(database);
    }

    /// <summary>Makes the model <c>echo</c> available, which needs no network.</summary>
    /// <param name="builder">The resource's builder.</param>
    public static IResourceBuilder<ChatsResource> WithEchoModel(this IResourceBuilder<ChatsResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithEnvironment("Models__Echo", "true");
    }

    /// <summary>Adds a route to a model. The first call replaces the default routes of the service.</summary>
    /// <param name="builder">The resource's builder.</param>
    /// <param name="name">The model name, or a pattern such as <c>gemini-*</c>. The first route that matches a chat's model is used.</param>
    /// <param name="provider">The provider: <c>gemini</c>, <c>vertex</c>, or <c>openai</c>, which is also for APIs that are compatible with OpenAI's.</param>
    /// <param name="key">The API key. If null, none.</param>
    /// <param name="baseUrl">The API's address as the container reaches it. If null, the provider's.</param>
    public static IResourceBuilder<ChatsResource> WithModel(
        this IResourceBuilder<ChatsResource> builder, string name, string provider, IResourceBuilder<ParameterResource>? key = null, ReferenceExpression? baseUrl = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(provider);
        var route = $"Models__Routes__{builder.Resource.Annotations.OfType<ModelRouteAnnotation>().Count()}";
        builder.WithAnnotation(new ModelRouteAnnotation(name)).WithEnvironment($"{route}__Name", name).WithEnvironment($"{route}__Provider", provider);
        if (key is not null)
        {
            builder.WithEnvironment($"{route}__Key", key);
        }

        return baseUrl is null ? builder : builder.WithEnvironment($"{route}__BaseUrl", baseUrl);
    }
}
