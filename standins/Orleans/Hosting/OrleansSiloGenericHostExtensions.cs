using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Timers;

namespace Microsoft.Extensions.Hosting;

/// <summary>Hosts a silo. Its grains are called through the host's <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>.</summary>
public static class OrleansSiloGenericHostExtensions
{
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.UseOrleans((_, builder) => configureDelegate(builder));

    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostBuilder);
        return hostBuilder.ConfigureServices((context, services) => configureDelegate(context, AddSilo(services, context.Configuration)));
    }

    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder) =>
        hostAppBuilder.UseOrleans(static _ => { });

    public static HostApplicationBuilder UseOrleans(this HostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        configureDelegate(AddSilo(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) =>
        hostAppBuilder.UseOrleans(static _ => { });

    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(hostAppBuilder);
        configureDelegate(AddSilo(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    public static IServiceCollection AddOrleans(this IServiceCollection services, Action<ISiloBuilder> configureDelegate)
    {
        configureDelegate(AddSilo(services, new ConfigurationBuilder().Build()));
        return services;
    }

    private static SiloBuilder AddSilo(IServiceCollection services, IConfiguration configuration)
    {
        var builder = new SiloBuilder(services, configuration);
        if (services.Any(service => service.ServiceType == typeof(SiloRuntime)))
        {
            return builder;
        }

        // The provider that Orleans would take from its own packages by this name.
        if (configuration["Orleans:Clustering:ProviderType"] is { } provider && provider != "Development")
        {
            throw Missing.ClusteringProvider(provider);
        }

        services.AddLogging();
        services.AddOptions<ClusterOptions>().Bind(configuration.GetSection("Orleans"));
        services.AddOptions<SiloOptions>().Configure(options => options.SiloName = configuration["Orleans:Name"] ?? options.SiloName);
        services.AddOptions<GrainCollectionOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<GrainCollectionOptions>, GrainCollectionOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CopierProvider>();
        services.AddSingleton<SiloRuntime>();
        services.AddSingleton<IGrainRuntime>(Silo);
        services.AddSingleton<ILocalSiloDetails>(Silo);
        services.AddSingleton<ISiloStatusOracle>(Silo);
        services.AddSingleton<ITimerRegistry>(static provider => Silo(provider).Timers);
        services.AddSingleton<IClusterClient>(static provider => Silo(provider).GrainFactory);
        services.AddSingleton<IGrainFactory>(static provider => Silo(provider).GrainFactory);
        services.AddSingleton<IGrainContextAccessor, GrainContextAccessor>();
        services.AddScoped<GrainContextHolder>();
        services.AddScoped(static provider => provider.GetRequiredService<GrainContextHolder>().Context
            ?? throw new InvalidOperationException("A grain context is there in the scope of an activation only."));
        services.AddHostedService<SiloHostedService>();
        return builder;
    }

    private static SiloRuntime Silo(IServiceProvider services) => services.GetRequiredService<SiloRuntime>();
}
