using System.Diagnostics;
using System.Net;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Echo;
using GenAI.Chats.Models.Gemini;
using GenAI.Chats.Models.OpenAi;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the models.</summary>
public static class ChatModelsServiceCollectionExtensions
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    // Picks up DNS changes.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

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
        services.TryAddSingleton(new GeminiEnvironment(configuration));
        services.TryAddSingleton(new GoogleCredentials(configuration));
        services.TryAddSingleton(new OpenAiEnvironment(configuration));
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IChatModelProvider, EchoProvider>(),
            ServiceDescriptor.Singleton<IChatModelProvider, GeminiProvider>(),
            ServiceDescriptor.Singleton<IChatModelProvider, VertexProvider>(),
            ServiceDescriptor.Singleton<IChatModelProvider, OpenAiProvider>(),
            ServiceDescriptor.Singleton<IValidateOptions<ModelsOptions>, ModelsOptionsValidator>(),
            ServiceDescriptor.Singleton<IValidateOptions<ModelsOptions>, GeminiEnvironment>(
                provider => provider.GetRequiredService<GeminiEnvironment>()),
            ServiceDescriptor.Singleton<IValidateOptions<ModelsOptions>, OpenAiEnvironment>(
                provider => provider.GetRequiredService<OpenAiEnvironment>()),
        ]);
        services.AddOptions<ModelsOptions>()
            .Bind(configuration.GetSection(ModelsOptions.SectionName))
            .PostConfigure(AddDefaultRoutes)
            .ValidateOnStart();
        AddHttpClient(services, GeminiModel.HttpClientName);
        AddHttpClient(services, OpenAiModel.HttpClientName);
        return services;
    }

    private static ModelRouter CreateRouter(IServiceProvider services)
    {
        var providers = new Dictionary<string, IChatModelProvider>(StringComparer.OrdinalIgnoreCase);
        foreach (var provider in services.GetServices<IChatModelProvider>())
        {
            providers[provider.Name] = provider;
        }

        var time = services.GetRequiredService<TimeProvider>();
        var telemetry = services.GetRequiredService<ModelTelemetry>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(CallsLog.Category);
        return new ModelRouter(services.GetRequiredService<IOptions<ModelsOptions>>().Value.Routes.Select(route =>
            (route.Name, (IChatModel)new RouteModel(route, target => providers[target.Provider].Create(target), time, log, telemetry))));
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
            options.Routes.Add(new ModelRoute { Name = EchoProvider.ModelName, Provider = EchoProvider.ModelName });
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
                handler.ConnectTimeout = ConnectTimeout;
                handler.PooledConnectionLifetime = ConnectionLifetime;
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
