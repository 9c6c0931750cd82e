using GenAI.Chats.Api.Reloading;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tls;

/// <summary>Adds TLS to the host.</summary>
internal static class TlsHostingExtensions
{
    /// <summary>Adds TLS as the section <c>Api:Tls</c> configures it.</summary>
    public static IServiceCollection AddChatsTls(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TlsOptions>().Bind(configuration.GetSection(TlsOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        services.AddSingleton<TlsConnections>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<TlsConnections>());
        services.AddHostedService<Reloader>();
        return services;
    }
}
