using GenAI.Chats.Api.Web.Ports;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GenAI.Chats.Api.WebConsole;

/// <summary>Serves the console. Its files need no credentials: they contain no data.</summary>
internal static class ConsoleEndpoints
{
    /// <summary>The console's path.</summary>
    public const string Path = "/console";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds the console's options.</summary>
    public static IServiceCollection AddChatConsole(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ConsoleOptions>().Bind(configuration.GetSection(ConsoleOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<ConsoleServer>();
        return services;
    }

    /// <summary>Maps the console. If it is disabled, its paths aren't found.</summary>
    public static void MapChatConsole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods($"{Path}/server.json", Methods, GetFacts).AllowAnonymous();
        endpoints.MapMethods($"{Path}/{{**file}}", Methods, GetFile).AllowAnonymous();
    }

    private static Results<JsonHttpResult<ConsoleFacts>, NotFound> GetFacts(HttpContext http, ConsoleServer server)
    {
        ConsoleHeaders.AddTo(http.Response.Headers);
        return server.IsEnabled ? TypedResults.Json(server.Facts) : TypedResults.NotFound();
    }

    private static Results<FileContentHttpResult, RedirectHttpResult, NotFound> GetFile(HttpContext http, ConsoleServer server, string? file)
    {
        ConsoleHeaders.AddTo(http.Response.Headers);
        if (!server.IsEnabled || ConsoleFiles.Find(file ?? "") is not { } found)
        {
            return TypedResults.NotFound();
        }

        // The page asks for keys, so the port's exception for endpoints without credentials isn't for it.
        if (http.Features.Get<PlaintextConnection>() is not null)
        {
            return TypedResults.Redirect($"https://{http.Request.Host}{http.Request.PathBase}{Path}/");
        }

        // The page's URLs are relative, so that it works behind a proxy with another path.
        return file is null && !http.Request.Path.Value!.EndsWith('/')
            ? TypedResults.Redirect($"{Path[1..]}/")
            : TypedResults.File(found.Content, found.ContentType, entityTag: found.Tag);
    }
}
