using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Silo.Hosting;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>The server as it is run: the front door to the chats, with a silo that hosts them in the same process, or as a client of silos elsewhere.</summary>
internal static class ApiServer
{
    /// <summary>Builds the server, without starting it.</summary>
    /// <param name="args">Configuration as arguments, such as <c>--Api:GrpcPort=50051</c>.</param>
    /// <param name="configure">Adds to the host; for tests.</param>
    /// <exception cref="OptionsValidationException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // The settings beside the assembly count, whatever directory this was started in.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        CheckSettings(builder.Configuration);
        var role = builder.Configuration.GetSection(ApiOptions.SectionName).Get<ApiOptions>()?.Role ?? ServerRole.Server;
        _ = role == ServerRole.FrontDoor ? builder.AddChatClient() : builder.AddChatSilo();
        builder.AddChatsApi();
        builder.AddChatTelemetry();
        configure?.Invoke(builder);

        // Before the host starts, which would log what is wrong with a stack trace.
        var app = builder.Build();
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.MapChatsApi();
        return app;
    }

    /// <summary>Checks that the settings in the service's sections exist.</summary>
    /// <exception cref="OptionsValidationException">There are unknown settings.</exception>
    public static void CheckSettings(IConfiguration configuration) => UnknownSettings.Check(
        configuration,
        (ApiOptions.SectionName, typeof(ApiOptions)),
        (TlsOptions.SectionName, typeof(TlsOptions)),
        (IdentityOptions.SectionName, typeof(IdentityOptions)));
}
