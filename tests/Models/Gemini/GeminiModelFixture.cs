using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Models.Tests.Gemini;

/// <summary>A Gemini model as a host sets it up, and the scripted server that it calls.</summary>
internal sealed class GeminiModelFixture : IAsyncDisposable
{
    public const string Key = "secret-key-0123";

    private readonly ServiceProvider _services;

    private GeminiModelFixture(ScriptedGeminiServer server, ServiceProvider services)
    {
        Server = server;
        _services = services;
        Assert.True(services.GetRequiredService<IChatModels>().TryResolve("gemini-2.5-flash", out var model));
        // What the provider made: one call is one attempt.
        Model = Assert.Single(Assert.IsType<RouteModel>(model).Targets).Model;
    }

    public ScriptedGeminiServer Server { get; }

    public IChatModel Model { get; }

    public static async Task<GeminiModelFixture> StartAsync(TimeProvider? time = null, params (string Key, string? Value)[] settings)
    {
        var server = await ScriptedGeminiServer.StartAsync();
        var values = new Dictionary<string, string?> { ["GEMINI_API_KEY"] = Key, ["GOOGLE_GEMINI_BASE_URL"] = server.BaseUrl.ToString() };
        foreach (var (key, value) in settings)
        {
            values[key] = value;
        }

        var services = new ServiceCollection();
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddChatModels(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        return new GeminiModelFixture(server, services.BuildServiceProvider());
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
