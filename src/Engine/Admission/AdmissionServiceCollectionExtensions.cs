using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Admission;

/// <summary>Puts admission into a host.</summary>
internal static class AdmissionServiceCollectionExtensions
{
    /// <summary>Adds <see cref="TurnAdmission"/> with the limits of section <c>Admission</c>, which are checked at start.</summary>
    public static IServiceCollection AddTurnAdmission(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AdmissionOptions>().Bind(configuration.GetSection(AdmissionOptions.SectionName)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdmissionOptions>, AdmissionOptionsValidator>());
        services.TryAddSingleton(provider => new AdmissionLimits(
            provider.GetRequiredService<IOptions<AdmissionOptions>>(), configuration, provider.GetRequiredService<ILogger<AdmissionLimits>>()));
        services.TryAddSingleton<MemoryWatch>();
        services.TryAddSingleton<TurnAdmission>();
        services.AddHostedService<AdmissionService>();
        return services;
    }
}
