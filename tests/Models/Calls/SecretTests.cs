using System.Collections.Concurrent;
using System.Diagnostics;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Tests.Calls;

/// <summary>Keys, and what is said, through the whole way of a call, with everything logged that can be.</summary>
public sealed class SecretTests : IAsyncLifetime, IDisposable
{
    private const string Key = "marker-key-5a7e";
    private const string OtherKey = "marker-key-c0de";
    private const string Said = "marker-text-41d3";

    private readonly RecordedLog _log = new();
    private readonly ConcurrentQueue<string> _traces = new();
    private readonly ActivityListener _listener;
    private ScriptedGeminiServer _server = null!;
    private ServiceProvider _services = null!;

    public SecretTests() => _listener = new ActivityListener
    {
        ShouldListenTo = _ => true,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = activity => _traces.Enqueue(
            $"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(@event => @event.Tags))}"),
    };

    public async Task InitializeAsync()
    {
        ActivitySource.AddActivityListener(_listener);
        _server = await ScriptedGeminiServer.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["Models:Routes:0:Name"] = "called-often",
            ["Models:Routes:0:Targets:0:Provider"] = "gemini",
            ["Models:Routes:0:Targets:0:BaseUrl"] = _server.BaseUrl.ToString(),
            ["Models:Routes:0:Targets:0:Key"] = Key,
            ["Models:Routes:0:Targets:1:Provider"] = "gemini",
            ["Models:Routes:0:Targets:1:BaseUrl"] = _server.BaseUrl.ToString(),
            ["Models:Routes:0:Targets:1:Key"] = OtherKey,
            ["Models:Routes:0:Retry:BaseDelay"] = "00:00:00",
            ["Models:Routes:0:CircuitBreaker:MinimumThroughput"] = "1000",
            ["Models:Routes:1:Name"] = "called-once",
            ["Models:Routes:1:Provider"] = "gemini",
            ["Models:Routes:1:BaseUrl"] = _server.BaseUrl.ToString(),
            ["Models:Routes:1:Key"] = Key,
            ["Models:Routes:1:Retry:MaxAttempts"] = "1",
            ["Models:Routes:1:CircuitBreaker:MinimumThroughput"] = "2",
        };
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        services.AddChatModels(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<IStartupValidator>().Validate();
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task GenerateAsync_WhateverHappens_NoKeyAndNoTextIsToldOrLogged()
    {
        var told = new List<string>();
        var current = 0;
        for (; current < Replies(Key).Length; current++)
        {
            var step = current;
            foreach (var key in new[] { Key, OtherKey })
            {
                _server.Always(request => step == Volatile.Read(ref current) && request.Headers["x-goog-api-key"] == key, Replies(key)[step]);
            }

            told.AddRange([await TellAsync("called-often"), await TellAsync("called-often"), await TellAsync("called-once")]);
        }

        var keys = _server.Requests.Select(request => request.Headers["x-goog-api-key"]).ToHashSet();
        Assert.Equal([Key, OtherKey], keys.Order());
        Assert.NotEmpty(_traces);
        Assert.Superset(new HashSet<string?> { "Retrying", "FailedOver", "BreakerOpened", "EmptyAnswer", "HeldBack" }, _log.Events.ToHashSet());
        foreach (var text in told.Concat(_traces).Append(_log.Text))
        {
            Assert.DoesNotContain(Key, text, StringComparison.Ordinal);
            Assert.DoesNotContain(OtherKey, text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Said, _log.Text, StringComparison.Ordinal);
    }

    // A server that says all that it knows, in each way that it can.
    private static ScriptedReply[] Replies(string key)
    {
        var leak = $"key {key}: {Said}";
        return
        [
            ScriptedReply.Error(429, "RESOURCE_EXHAUSTED", leak, "0s"),
            ScriptedReply.Error(500, leak, leak),
            ScriptedReply.Body($"<html>{leak}</html>", "text/html", 502),
            ScriptedReply.Body(leak, "text/plain", 503),
            ScriptedReply.Stream().Write($"data: {leak}\n\n"),
            ScriptedReply.Stream().Cut(),
            ScriptedReply.Error(401, "UNAUTHENTICATED", leak),
            ScriptedReply.Error(404, "NOT_FOUND", leak),
            ScriptedReply.Error(400, "INVALID_ARGUMENT", leak),
            ScriptedReply.Stream().Event(GeminiJson.Text("", "STOP")),
            ScriptedReply.StreamOf("fine"),
            ScriptedReply.Stream().Event(GeminiJson.Text("one")).Event(GeminiJson.Error(503, "UNAVAILABLE", leak)),
        ];
    }

    // What a client would be told, and what would be logged of it.
    private async Task<string> TellAsync(string name)
    {
        Assert.True(_services.GetRequiredService<IChatModels>().TryResolve(name, out var model));
        try
        {
            await model.CallAsync(Requests.Ask(Said, model: name)).WaitAsync(Patience.Limit);
            return "";
        }
        catch (ModelException failure)
        {
            return failure.ToString();
        }
    }
}
