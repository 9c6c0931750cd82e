using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenAI.Chats.Engine.Limits;

/// <summary>Registers limits.</summary>
internal static class LimitsServiceCollectionExtensions
{
    /// <summary>Adds the limits of section <c>Limits</c>, validated at startup, and monitors the server's memory.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<LimitsOptions>().Bind(configuration.GetSection(LimitsOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LimitsOptions>, LimitsOptionsValidator>());
        services.TryAddSingleton<IOptionsFactory<LimitsOptions>, LimitsFactory>();
        services.TryAddSingleton<MemoryMonitor>();
        services.AddHostedService(static provider => provider.GetRequiredService<MemoryMonitor>());
        return services;
    }
}
