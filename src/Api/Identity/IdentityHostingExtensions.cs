using System.Text.Encodings.Web;
using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using GenAI.Chats.Api.Reloading;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.IdentityModel.Tokens;

namespace GenAI.Chats.Api.Identity;

/// <summary>Adds authentication to the host: one ASP.NET Core scheme for each kind of credentials, and a policy that requires a tenant.</summary>
internal static class IdentityHostingExtensions
{
    private const string OperatorPolicy = "operator";

    /// <summary>Adds the schemes that the section <c>Authentication</c> enables.</summary>
    public static IServiceCollection AddChatsIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        // A misspelt setting could leave the server open.
        var section = configuration.GetSection(ChatAuthenticationOptions.SectionName);
        services.AddOptions<ChatAuthenticationOptions>().Bind(section, static binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChatAuthenticationOptions>, ChatAuthenticationOptionsValidator>();
        var schemes = section.GetValue<ChatAuthenticationSchemes>(nameof(ChatAuthenticationOptions.Schemes));
        if (schemes == ChatAuthenticationSchemes.None)
        {
            return services;
        }

        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.ApiKeys);
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.Jwt);
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.ClientCertificates);
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<CertificateTenants>();
        services.AddSingleton<SigningKeyFetcher>();
        services.AddSingleton(CreateSigningKeys);
        services.AddSingleton<TenantTokenHandler>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<ApiKeyStore>());
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<SigningKeys>());
        services.AddHostedService<Reloader>();

        // AddAuthentication would add data protection as well, which stores keys in the home directory.
        services.AddAuthenticationCore(static options => options.DefaultScheme = ApiKeyHandler.SchemeName);
        services.TryAddSingleton(UrlEncoder.Default);
        services.TryAddSingleton<IAuthenticationConfigurationProvider, NoSchemeSettings>();
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(
                ApiKeyHandler.SchemeName, options => options.ForwardDefaultSelector = context => SchemeOf(context, schemes))
            .AddScheme<AuthenticationSchemeOptions, ClientCertificateHandler>(ClientCertificateHandler.SchemeName, null)
            .AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<TenantTokenHandler, JwtOptions>(Configure);

        // Endpoints without AllowAnonymous require a tenant.
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireClaim(Caller.TenantClaim).Build())
            .AddPolicy(OperatorPolicy, static policy => policy.RequireClaim(Caller.OperatorClaim));
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RejectedCalls>();
        return services;
    }

    /// <summary>Authenticates the requests, and rejects those without a tenant.</summary>
    public static WebApplication UseChatsIdentity(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.Schemes == ChatAuthenticationSchemes.None)
        {
            app.Use(static (context, next) =>
            {
                context.User = Caller.Anonymous;
                return next(context);
            });
            app.Lifetime.ApplicationStarted.Register(() =>
            {
                if (app.Urls.FirstOrDefault(static url => !new Uri(url).IsLoopback) is { } open)
                {
                    IdentityLog.OpenToAll(app.Logger, open);
                }
            });
            return app;
        }

        app.UseAuthentication();
        app.UseAuthorization();
        return app;
    }

    /// <summary>Requires an operator's credentials for endpoints, if the server authenticates callers.</summary>
    public static void RequireOperator(this IEndpointConventionBuilder endpoints, IServiceProvider services)
    {
        if (services.GetRequiredService<ServerAccess>().RequiresCredentials)
        {
            endpoints.RequireAuthorization(OperatorPolicy);
        }
    }

    // Null for API keys, and for credentials that no enabled scheme handles.
    private static string? SchemeOf(HttpContext context, ChatAuthenticationSchemes schemes) =>
        schemes.HasFlag(ChatAuthenticationSchemes.Jwt) && ApiKeyHandler.HasToken(context.Request) ? JwtBearerDefaults.AuthenticationScheme
        : schemes.HasFlag(ChatAuthenticationSchemes.ClientCertificates) && ApiKeyHandler.IsMissing(context.Request) ? ClientCertificateHandler.SchemeName
        : null;

    private static SigningKeys CreateSigningKeys(IServiceProvider services)
    {
        var fetcher = services.GetRequiredService<SigningKeyFetcher>();
        var file = services.GetRequiredService<JwtOptions>().JwksFile is { } path ? new FileState(path) : null;
        var keys = new SigningKeys(fetcher.FetchAsync, fetcher.Source, file, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<SigningKeys>>());
        if (file is not null)
        {
            _ = keys.GetAsync(null).AsTask();
        }

        return keys;
    }

    // The handler checks the time: it distinguishes expired tokens from invalid ones, and the library's clock can't be replaced.
    private static void Configure(JwtBearerOptions bearer, TenantTokenHandler handler, JwtOptions jwt)
    {
        bearer.TokenHandlers.Clear();
        bearer.TokenHandlers.Add(handler);
        bearer.SaveToken = false;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = jwt.Issuer,
            ValidAudience = jwt.Audience,
            ValidAlgorithms = TenantTokenHandler.Algorithms,
            ValidateLifetime = false,
        };
    }

    // ASP.NET Core reads settings of schemes from a section that is something else here.
    private sealed class NoSchemeSettings : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
