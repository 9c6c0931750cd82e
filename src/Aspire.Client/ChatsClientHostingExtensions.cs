using GenAI.Chats.Aspire.Client;
using GenAI.Chats.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds clients of the GenAI Chats service to an application that an Aspire app host runs.</summary>
public static class ChatsClientHostingExtensions
{
    private const string SectionName = "Aspire:GenAI:Chats:Client";
    private const string GrpcSource = "Grpc.Net.Client";

    /// <summary>
    /// Adds a <see cref="ChatsClient"/> as a singleton, with a health check, and spans of its calls. Its address is the connection string, or else the endpoint
    /// <c>grpc</c> of the service with this name.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The connection's name, which is the name of the resource in the app host.</param>
    /// <param name="configureSettings">Changes the settings. It runs after they have been read from the section <c>Aspire:GenAI:Chats:Client</c>.</param>
    /// <exception cref="InvalidOperationException">The connection string is invalid, or there's no address.</exception>
    public static void AddGenAIChatsClient(this IHostApplicationBuilder builder, string connectionName, Action<ChatsClientSettings>? configureSettings = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings);

    /// <inheritdoc cref="AddGenAIChatsClient"/>
    /// <summary>Adds a <see cref="ChatsClient"/> as a keyed singleton, for applications that use several services.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The name of the connection, and the key of the client.</param>
    /// <param name="configureSettings">Changes the settings.</param>
    public static void AddKeyedGenAIChatsClient(this IHostApplicationBuilder builder, string name, Action<ChatsClientSettings>? configureSettings = null) =>
        Add(builder, name, serviceKey: name, configureSettings);

    private static void Add(IHostApplicationBuilder builder, string name, string? serviceKey, Action<ChatsClientSettings>? configureSettings)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var settings = Read(builder.Configuration, name);
        configureSettings?.Invoke(settings);
        if (settings.Endpoint is null)
        {
            throw new InvalidOperationException($"ConnectionStrings:{name} is missing. In the app host, call WithReference with the resource '{name}'.");
        }

        var options = settings.ToOptions();
        options.Validate();
        builder.Services.AddKeyedSingleton(serviceKey, (services, _) =>
            new ChatsClient(options, services.GetService<TimeProvider>(), services.GetService<ILogger<ChatsClient>>()));
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                serviceKey is null ? "GenAI.Chats" : $"GenAI.Chats_{name}",
                services => new ChatsHealthCheck(services.GetRequiredKeyedService<ChatsClient>(serviceKey)),
                failureStatus: null,
                tags: null));
        }

        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(static traces => traces.AddSource(GrpcSource));
        }
    }

    private static ChatsClientSettings Read(IConfiguration configuration, string name)
    {
        var settings = new ChatsClientSettings();
        var section = configuration.GetSection(SectionName);
        section.Bind(settings);
        section.GetSection(name).Bind(settings);
        if (configuration.GetConnectionString(name) is { Length: > 0 } connection)
        {
            settings.Read(name, connection);
        }
        else if (configuration[$"services:{name}:grpc:0"] is { Length: > 0 } endpoint)
        {
            settings.Read(name, endpoint);
        }

        return settings;
    }
}
