using GenAI.Chats.Api.Files;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tls;

/// <summary>Has the gRPC port use TLS.</summary>
internal static class TlsHostingExtensions
{
    /// <summary>Adds what the section <c>Api:Tls</c> asks for.</summary>
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
