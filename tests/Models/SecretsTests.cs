using System.Collections.Concurrent;
using System.Diagnostics;
using GenAI.Chats.Models.Tests.ChatClients;
using GenAI.Chats.TestKit.Scripted;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests;

/// <summary>A key never shows: not in a log at its lowest level, not in a trace, not in what a call fails with.</summary>
public sealed class SecretsTests
{
    private const string Marker = "marker-key-4711";

    private readonly ConcurrentBag<string> _seen = [];

    /// <summary>Replies that repeat what they were sent, or fail in their own way.</summary>
    private static IEnumerable<ScriptedReply> Replies =>
    [
        ScriptedReply.Json($$$"""{"error":{"code":401,"message":"The key {{{Marker}}} is refused.","status":"UNAUTHENTICATED"}}""", 401),
        ScriptedReply.Json($$"""{"error":"{{Marker}}"}""", 500),
        ScriptedReply.Body($"<html>{Marker}</html>", "text/html", 502),
        ScriptedReply.Body($"<html>{Marker}</html>", "text/html", 200),
        ScriptedReply.Body(Marker, "text/plain", 200),
        ScriptedReply.Stream().Event($$$"""{"error":{"message":"about {{{Marker}}}"}}"""),
        ScriptedReply.Stream().Event($"\"{Marker}"),
        ScriptedReply.Stream().Write($"data: {{\"{Marker}\": }}"),
        ScriptedReply.Stream().Cut(),
        ScriptedReply.Json("{}", 307),
    ];

    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    public async Task Key_OfGoogle_NeverShows(string provider)
    {
        await using var server = await ScriptedGeminiServer.StartAsync();
        await RunAsync(server, null, ("Models:Routes:0:Provider", provider), ("GOOGLE_API_KEY", Marker), BaseUrl(server));
        await RunAsync(server, null, ("Models:Routes:0:Provider", provider), ("Models:Routes:0:Key", Marker), BaseUrl(server));

        AssertUnseen(Marker);
    }

    [Fact]
    public async Task Token_OfAServiceAccount_NeverShows()
    {
        await using var server = await ScriptedGeminiServer.StartAsync();
        using var account = new ServiceAccount(server.TokenUrl);
        server.EnqueueTokens(ServiceAccount.Token(Marker));
        await RunAsync(server, null, ("Models:Routes:0:Provider", "vertex"), ("GOOGLE_APPLICATION_CREDENTIALS", account.File), BaseUrl(server));
        await using var host = Host(null, ("Models:Routes:0:Provider", "vertex"), ("GOOGLE_APPLICATION_CREDENTIALS", account.File), BaseUrl(server));
        foreach (var reply in Replies)
        {
            server.EnqueueTokens(reply);
            await FailAsync(host);
        }

        AssertUnseen(Marker);
        Assert.All(account.PrivateKey.Split('\n').Where(line => line.Length > 40), AssertUnseen);
        Assert.All(
            server.Requests.Where(ScriptedGeminiServer.IsForToken).Select(request => request.Body.GetProperty("assertion").GetString()!), AssertUnseen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("api-key")]
    public async Task Key_OfOpenAi_NeverShows(string? header)
    {
        await using var server = await ScriptedOpenAiServer.StartAsync();
        await RunAsync(
            server, null, ("Models:Routes:0:Provider", "openai"), ("Models:Routes:0:Key", Marker), ("Models:Routes:0:KeyHeader", header), BaseUrl(server));

        AssertUnseen(Marker);
    }

    [Fact]
    public async Task Key_InAClientsException_NeverShows()
    {
        using var client = new ScriptedChatClient { Failure = new InvalidOperationException(Marker, new HttpRequestException(Marker)) };
        await using var host = Host(services => services.AddChatClientModel("mine", _ => client), ("Models:Routes:0:Provider", "mine"));

        await FailAsync(host);

        AssertUnseen(Marker);
    }

    private static (string, string?) BaseUrl(ScriptedServer server) => ("Models:Routes:0:BaseUrl", server.BaseUrl.ToString());

    private async Task RunAsync(ScriptedServer server, Action<IServiceCollection>? host, params (string Key, string? Value)[] settings)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => _seen.Add($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(e => e.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        await using var models = Host(host, settings);
        foreach (var reply in Replies)
        {
            server.EnqueueFor(request => !ScriptedGeminiServer.IsForToken(request), reply);
            await FailAsync(models);
        }

        await using var unreachable = Host(host, [.. settings, ("Models:Routes:0:BaseUrl", "http://127.0.0.1:1/")]);
        await FailAsync(unreachable);
        Assert.NotEmpty(_seen);
    }

    private ModelsHost Host(Action<IServiceCollection>? host, params (string Key, string? Value)[] settings) => ModelsHost.Build(
        services =>
        {
            services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new Recorder(_seen)));
            host?.Invoke(services);
        },
        [("Models:Routes:0:Name", "*"), .. settings]);

    // All that anyone could see of it: the message, and what caused it, down to the last.
    private async Task FailAsync(ModelsHost host)
    {
        var exception = await Assert.ThrowsAsync<ModelException>(() => host["m"].CallAsync(Ask("q")));
        _seen.Add(exception.ToString());
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            _seen.Add($"{cause} {cause.Message} {string.Join(' ', cause.Data.Values.Cast<object>())}");
        }
    }

    private void AssertUnseen(string secret) => Assert.All(_seen, text => Assert.DoesNotContain(secret, text));

    private sealed class Recorder(ConcurrentBag<string> seen) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            seen.Add(state.ToString()!);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            seen.Add($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
