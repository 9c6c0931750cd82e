using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Otlp;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>Telemetry is exported as OpenTelemetry's variables configure it, and no call waits for a collector.</summary>
public sealed class CollectorTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string Caller = $"00-{TraceId}-b7ad6b7169203331-01";

    [LongFact]
    public async Task Turns_CollectorHangs_CompleteAndTheServerStops()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        scene.Collector.IsStuck = true;
        var server = await scene.StartAsync("--OTEL_BSP_MAX_QUEUE_SIZE=16", "--OTEL_BSP_MAX_EXPORT_BATCH_SIZE=8", "--OTEL_EXPORTER_OTLP_TIMEOUT=1000");
        var chat = await TelemetryScene.NewChatAsync(server, Echo.Model);
        for (var i = 0; i < 100; i++)
        {
            await TelemetryScene.StreamAsync(server, Scene.Send(chat, $"send-{i}", words: 1, pauseMilliseconds: 0));
        }

        await scene.Collector.UntilAsync(collector => collector.Stuck > 0 ? collector : null, TimeLimit.Token);
        Assert.Equal(100, (await server.Client.GetChatAsync(new GetChatRequest { Name = chat })).TurnCount);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Turns_CollectorIsUnreachable_Complete()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync($"--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{ReservedPort.Next()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=grpc");
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One."));
        var chat = await TelemetryScene.NewChatAsync(server);

        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." });

        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task Turns_OpenTelemetryVariables_AreUsed()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync(
            "--OTEL_SERVICE_NAME=other", "--OTEL_RESOURCE_ATTRIBUTES=team=chats", "--OTEL_LOGS_EXPORTER=none", "--OTEL_EXPORTER_OTLP_HEADERS=key=value",
            "--OTEL_TRACES_SAMPLER=parentbased_traceidratio", "--OTEL_TRACES_SAMPLER_ARG=0");
        var chat = await TelemetryScene.NewChatAsync(server, Echo.Model);
        await TelemetryScene.StreamAsync(server, Scene.Send(chat, "sampled", words: 1, pauseMilliseconds: 0), Caller);

        var turn = await scene.Collector.UntilAsync(
            collector => collector.Spans.Select(one => one.Span).FirstOrDefault(span => span.Name == "turn"), TimeLimit.Token);
        await scene.Collector.UntilAsync(collector => collector.Metrics.Count > 0 ? collector : null, TimeLimit.Token);

        Assert.Equal(TraceId, turn.TraceId.Hex());
        Assert.All(scene.Collector.Spans, one => Assert.Equal(TraceId, one.Span.TraceId.Hex()));
        Assert.Empty(scene.Collector.Logs);
        Assert.All(scene.Collector.Resources, resource => Assert.Equal(("other", "chats"), (resource.Attributes.Get("service.name"), resource.Attributes.Get("team"))));
    }

    [Fact]
    public async Task Turns_OnlyTracesHaveAnEndpoint_OnlyTracesAreExported()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync("--OTEL_EXPORTER_OTLP_ENDPOINT=", $"--OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={scene.Collector.Address}v1/traces");
        var chat = await TelemetryScene.NewChatAsync(server, Echo.Model);
        await TelemetryScene.StreamAsync(server, Scene.Send(chat, "send", words: 1, pauseMilliseconds: 0));

        await scene.Collector.UntilAsync(collector => collector.Spans.Any(one => one.Span.Name == "turn") ? collector : null, TimeLimit.Token);
        Assert.Equal(0, await server.TerminateAsync());

        Assert.Empty(scene.Collector.Metrics);
        Assert.Empty(scene.Collector.Logs);
    }
}
