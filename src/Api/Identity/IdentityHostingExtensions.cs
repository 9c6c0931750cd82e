using System.Net;
using GenAI.Chats.Api.Files;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Identity;

/// <summary>Has calls show whose they are.</summary>
internal static class IdentityHostingExtensions
{
    /// <summary>Adds what the section <c>Identity</c> asks for.</summary>
    public static IServiceCollection AddChatsIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IdentityOptions>().Bind(configuration.GetSection(IdentityOptions.SectionName), Strict).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>();
        services.AddSingleton<Authenticator>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<ApiKeyStore>());
        services.AddSingleton<JwtValidator>();
        services.AddSingleton<KeyFetcher>();
        services.AddSingleton(KeySource);
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<IKeySource>());
        services.AddSingleton<CertificateTenants>();
        services.AddHostedService<Reloader>();
        return services;
    }

    /// <summary>Refuses calls that are nobody's. What is mapped without <c>AllowAnonymous</c> is closed.</summary>
    public static WebApplication UseChatsIdentity(this WebApplication app)
    {
        app.UseMiddleware<AuthenticationMiddleware>();
        app.Lifetime.ApplicationStarted.Register(() => WarnIfOpenToAll(app));
        return app;
    }

    /// <summary>Has an endpoint answer everyone, where that is so.</summary>
    public static TBuilder AllowAnonymousIf<TBuilder>(this TBuilder endpoint, bool open)
        where TBuilder : IEndpointConventionBuilder => open ? endpoint.AllowAnonymous() : endpoint;

    /// <summary>The section <c>Identity</c> of a configuration, as it is now.</summary>
    /// <exception cref="InvalidOperationException">It has a setting that there is not, or a value that is not of its type.</exception>
    public static IdentityOptions Read(IConfiguration configuration) =>
        configuration.GetSection(IdentityOptions.SectionName).Get<IdentityOptions>(Strict) ?? new IdentityOptions();

    // A misspelt setting would leave a door open.
    private static void Strict(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;

    private static IKeySource KeySource(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<IdentityOptions>>().Value.Jwt;
        var logger = services.GetRequiredService<ILogger<JwtValidator>>();
        if (options.KeysFile is { } file)
        {
            return new FileKeySource(file, logger);
        }

        var fetcher = services.GetRequiredService<KeyFetcher>();
        return new UrlKeySource(fetcher.FetchAsync, fetcher.Url, services.GetRequiredService<TimeProvider>(), logger);
    }

    private static void WarnIfOpenToAll(WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<IdentityOptions>>().Value.Mode == IdentityMode.None
            && app.Urls.Select(BindingAddress.Parse).FirstOrDefault(url => !IsLoopback(url.Host)) is { } open)
        {
            IdentityLog.OpenToAll(app.Logger, open.ToString());
        }
    }

    private static bool IsLoopback(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
