using System.Diagnostics;
using System.Net;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.ChatClients;
using GenAI.Chats.Models.Echo;
using GenAI.Chats.Models.Gemini;
using GenAI.Chats.Models.OpenAi;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the models.</summary>
public static class ChatModelsServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IChatModels"/> with the routes of section <c>Models</c>, and the providers <c>echo</c>, <c>gemini</c>, <c>vertex</c>, and
    /// <c>openai</c>. Existing registrations of the host take precedence: <see cref="IChatModels"/>, <see cref="TimeProvider"/>, and further
    /// instances of <see cref="IChatModelProvider"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's complete configuration, including environment variables.</param>
    public static IServiceCollection AddChatModels(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddOptions<ModelTelemetryOptions>()
            .Configure(telemetry => telemetry.CaptureContent = ModelTelemetryOptions.IsContentCaptured(configuration))
            .Bind(configuration.GetSection(ModelTelemetryOptions.SectionName))
            .ValidateOnStart();
        services.TryAddSingleton<ModelTelemetry>();
        services.TryAddSingleton<IChatModels>(CreateRouter);
        AddProviders(services, new GeminiEnvironment(configuration), new GoogleCredentials(configuration), new OpenAiEnvironment(configuration));
        services.AddSingleton<IValidateOptions<ModelsOptions>, ModelsOptionsValidator>();
        services.AddOptions<ModelsOptions>()
            .Bind(configuration.GetSection(ModelsOptions.SectionName))
            .PostConfigure(AddDefaultRoutes)
            .ValidateOnStart();
        AddHttpClient(services, GeminiModel.HttpClientName);
        AddHttpClient(services, OpenAiModel.HttpClientName);
        return services;
    }

    /// <summary>Adds a provider for an <see cref="IChatClient"/>. Routes select it by name: <c>Models:Routes:N:Provider</c>.</summary>
    /// <remarks>
    /// <para>The client must support concurrent calls. <see cref="ChatOptions.ModelId"/> is the route's model. A call of the client is one attempt:
    /// retries of the client are in addition to the server's retries. The chat doesn't see function calls that the client executes itself.</para>
    /// <para>A client can throw <see cref="ModelException"/>. The status of other exceptions is detected where possible. Their
    /// messages aren't passed on, because they can contain secrets.</para>
    /// </remarks>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The provider's name, without white space. It isn't case-sensitive.</param>
    /// <param name="createClient">Creates the client, or returns a service. Called once per target at startup. The creator of the client disposes it.
    /// For a service, that is the container.</param>
    public static IServiceCollection AddChatClientModel(
        this IServiceCollection services, string name, Func<IServiceProvider, IChatClient> createClient)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(createClient);
        if (name.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"The provider name '{name}' must not contain white space.", nameof(name));
        }

        return services.AddSingleton<IChatModelProvider>(provider => new ModelProvider(
            name, target => new ChatClientModel(createClient(provider), name, target.TimeLimit, provider.GetRequiredService<TimeProvider>())));
    }

    private static void AddProviders(
        IServiceCollection services, GeminiEnvironment gemini, GoogleCredentials credentials, OpenAiEnvironment openAi)
    {
        services.AddSingleton<IValidateOptions<ModelsOptions>>(gemini);
        services.AddSingleton<IValidateOptions<ModelsOptions>>(openAi);
        Add(EchoModel.Name, (_, _, time) => new EchoModel(time));
        Add(GeminiEnvironment.Developer, (target, clients, time) => gemini.UseVertex
            ? Vertex(target, clients, time)
            : new GeminiModel(new GeminiApi(gemini.CompleteDeveloper(target), null), clients, time));
        Add(GeminiEnvironment.Vertex, Vertex);
        Add(OpenAiEnvironment.Provider, (target, clients, time) => new OpenAiModel(openAi.Complete(target), clients, time));

        GeminiModel Vertex(ModelTarget target, IHttpClientFactory clients, TimeProvider time) =>
            new(new GeminiApi(gemini.CompleteVertex(target), credentials), clients, time);

        void Add(string name, Func<ModelTarget, IHttpClientFactory, TimeProvider, IChatModel> create) =>
            services.AddSingleton<IChatModelProvider>(provider => new ModelProvider(name, target =>
                create(target, provider.GetRequiredService<IHttpClientFactory>(), provider.GetRequiredService<TimeProvider>())));
    }

    private static ModelRouter CreateRouter(IServiceProvider services)
    {
        // The last provider with a name is used.
        var providers = services.GetServices<IChatModelProvider>().ToLookup(provider => provider.Name, StringComparer.OrdinalIgnoreCase);
        var time = services.GetRequiredService<TimeProvider>();
        var telemetry = services.GetRequiredService<ModelTelemetry>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(CallsLog.Category);
        return new ModelRouter(services.GetRequiredService<IOptions<ModelsOptions>>().Value.Routes.Select(route =>
            (route.Name, (IChatModel)new RouteModel(route, target => providers[target.Provider].Last().Create(target), time, log, telemetry))));
    }

    private static void AddDefaultRoutes(ModelsOptions options)
    {
        if (options.Routes.Count == 0)
        {
            foreach (var route in ModelsOptions.DefaultRoutes)
            {
                options.Routes.Add(route);
            }
        }

        if (options.Echo)
        {
            options.Routes.Add(new ModelRoute { Name = EchoModel.Name, Provider = EchoModel.Name });
        }
    }

    private static void AddHttpClient(IServiceCollection services, string name) =>
        services.AddHttpClient(name)
            .ConfigureHttpClient(client =>
            {
                // Each call has its own timeout, and streams can take long.
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.DefaultRequestVersion = HttpVersion.Version20;
            })
            .UseSocketsHttpHandler((handler, provider) =>
            {
                handler.ConnectTimeout = TimeSpan.FromSeconds(15);
                // Picks up DNS changes.
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.EnableMultipleHttp2Connections = true;
                // A redirect would send the key to another server.
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.ActivityHeadersPropagator = provider.GetRequiredService<IOptions<ModelTelemetryOptions>>().Value.PropagateTraceContext
                    ? new TraceParentPropagator()
                    : DistributedContextPropagator.CreateNoOutputPropagator();
                // A disposed response must stop the model, not read its rest.
                handler.ResponseDrainTimeout = TimeSpan.Zero;
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
}
