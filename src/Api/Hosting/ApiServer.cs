using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Api.WebConsole;
using GenAI.Chats.Silo.Hosting;

namespace GenAI.Chats.Api.Hosting;

/// <summary>The server: a front door, with a silo in the same process or as a client of other silos.</summary>
internal static class ApiServer
{
    /// <summary>Gets the configuration sections of the front door, with their options.</summary>
    public static IReadOnlyList<(string Path, Type Type)> Sections { get; } =
    [
        (ApiOptions.SectionName, typeof(ApiOptions)),
        (TlsOptions.SectionName, typeof(TlsOptions)),
        (ChatAuthenticationOptions.SectionName, typeof(ChatAuthenticationOptions)),
        (ConsoleOptions.SectionName, typeof(ConsoleOptions)),
    ];

    /// <summary>Builds the server without starting it.</summary>
    /// <param name="args">Command-line arguments with configuration, such as <c>--Api:GrpcPort=50051</c>.</param>
    /// <param name="configure">Changes the host. For tests.</param>
    /// <exception cref="OptionsValidationException">The configuration is invalid.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // appsettings.json is next to the assembly. The current directory doesn't matter.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        CheckSettings(builder.Configuration);
        var role = builder.Configuration.GetSection(ApiOptions.SectionName).Get<ApiOptions>()?.Role ?? ServerRole.Server;
        _ = role == ServerRole.FrontDoor ? builder.AddChatClient() : builder.AddChatSilo();
        builder.AddChatsApi();
        builder.AddChatTelemetry();
        LogSwitch.AddTo(builder.Services);
        configure?.Invoke(builder);

        // When the host starts, it would log invalid settings with a stack trace.
        var app = builder.Build();
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.UseChatTelemetry();
        app.MapChatsApi();
        return app;
    }

    /// <summary>Checks that the settings in the service's sections exist.</summary>
    /// <exception cref="OptionsValidationException">There are unknown settings.</exception>
    public static void CheckSettings(IConfiguration configuration) => UnknownSettings.Check(configuration, Sections);
}
