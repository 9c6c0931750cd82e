using GenAI.Chats.TestKit.ScriptedOpenAi;

namespace GenAI.Chats.Models.Tests.OpenAi;

/// <summary>An OpenAI model as a host sets it up, and the scripted server that it calls.</summary>
internal sealed class OpenAiFixture : IAsyncDisposable
{
    public const string Key = "secret-key-0123";

    private readonly ModelsHost _host;

    private OpenAiFixture(ScriptedOpenAiServer server, ModelsHost host)
    {
        Server = server;
        _host = host;
    }

    public ScriptedOpenAiServer Server { get; }

    public IChatModel Model => _host["gpt-5"];

    public static async Task<OpenAiFixture> StartAsync(params (string Key, string? Value)[] settings)
    {
        var server = await ScriptedOpenAiServer.StartAsync();
        return new OpenAiFixture(
            server, ModelsHost.Build([("OPENAI_API_KEY", Key), ("OPENAI_BASE_URL", server.ApiUrl.ToString()), .. settings]));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await Server.DisposeAsync();
    }
}
