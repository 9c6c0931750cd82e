using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>The whole way over real HTTP, with a clock that the test moves.</summary>
public sealed class RetryInfoTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private ScriptedGeminiServer _server = null!;
    private ServiceProvider _services = null!;
    private IChatModel _model = null!;

    public async Task InitializeAsync()
    {
        _server = await ScriptedGeminiServer.StartAsync();
        var settings = new Dictionary<string, string?> { ["GEMINI_API_KEY"] = "key", ["GOOGLE_GEMINI_BASE_URL"] = _server.BaseUrl.ToString() };
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddChatModels(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        _services = services.BuildServiceProvider();
        Assert.True(_services.GetRequiredService<IChatModels>().TryResolve("gemini-2.5-flash", out var model));
        _model = model;
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task GenerateAsync_TooManyRequests_NextAttemptComesAfterTheDelayAndSucceeds(bool stream, bool inBody)
    {
        var delay = TimeSpan.FromSeconds(inBody ? 2.5 : 3);
        var refusal = ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", "Slow down.", inBody ? "2.5s" : null);
        if (!inBody)
        {
            refusal.Headers["Retry-After"] = "3";
        }

        _server.Enqueue(refusal, stream ? ScriptedReply.StreamOf("a", "b") : ScriptedReply.Text("ab"));

        var calling = _model.CallAsync(Requests.Ask("q", stream));
        Assert.Equal(delay, await _time.WaitForTimerAsync(TimeSpan.FromSeconds(10)).WaitAsync(Patience.Limit));
        _time.Advance(delay - TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromTicks(1), await _time.WaitForTimerAsync(TimeSpan.FromSeconds(1)).WaitAsync(Patience.Limit));
        Assert.Single(_server.Requests);
        _time.Advance(TimeSpan.FromTicks(1));

        var responses = await calling.WaitAsync(Patience.Limit);
        Assert.Equal("ab", string.Concat(responses.Select(response => response.TextOf())));
        Assert.Equal(2, _server.Requests.Count);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(0)]
    public async Task GenerateAsync_PassingFailure_IsRetried(int status)
    {
        _server.Enqueue(status == 0 ? ScriptedReply.Stream().Cut() : ScriptedReply.Body("", "text/plain", status), ScriptedReply.StreamOf("ok"));

        var calling = _model.CallAsync(Requests.Ask("q"));
        var wait = await _time.WaitForTimerAsync(TimeSpan.FromSeconds(2)).WaitAsync(Patience.Limit);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _time.Advance(wait);

        Assert.Equal("ok", Assert.Single(await calling.WaitAsync(Patience.Limit)).TextOf());
        Assert.Equal(2, _server.Requests.Count);
    }

    [Fact]
    public async Task GenerateAsync_StreamStalls_ConnectionIsClosedAtOnce()
    {
        _server.Enqueue(ScriptedReply.Stream().Event(GeminiJson.Text("one")).Hang());

        var calling = _model.CallAsync(Requests.Ask("q"));
        var request = await _server.WaitForRequestAsync(1);
        _time.Advance(await _time.WaitForTimerAsync(TimeSpan.FromMinutes(1)).WaitAsync(Patience.Limit));

        Assert.Equal(ModelErrorReasons.Stalled, (await Assert.ThrowsAsync<ModelException>(() => calling.WaitAsync(Patience.Limit))).Reason);
        await request.ClosedByClient.WaitAsync(Patience.Limit);
        Assert.Single(_server.Requests);
    }
}
