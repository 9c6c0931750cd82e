using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>A collector is never waited for.</summary>
public sealed class CollectorTests
{
    [Fact]
    public async Task Turns_CollectorDoesNotAnswer_GoOnAndTheServerStops()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        scene.Collector.IsStuck = true;
        var server = await scene.StartAsync("--OTEL_BSP_MAX_QUEUE_SIZE=16", "--OTEL_BSP_MAX_EXPORT_BATCH_SIZE=8", "--Telemetry:Timeout=00:00:01");
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
    public async Task Turns_NobodyListensAtTheEndpoint_GoOn()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync($"--Telemetry:Endpoint=http://127.0.0.1:{ReservedPort.Next()}", "--Telemetry:Protocol=Grpc");
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One."));
        var chat = await TelemetryScene.NewChatAsync(server);

        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." });

        Assert.Equal(0, await server.TerminateAsync());
    }

    [Theory]
    [InlineData("--Telemetry:Endpoint=collector", "Telemetry:Endpoint is collector; it must be an http or https address")]
    [InlineData("--Telemetry:Endpoint=http://me:secret-word@host/", "Telemetry:Endpoint is http://host; it must be an http or https address")]
    [InlineData("--Telemetry:Headers=secret-word", "Telemetry:Headers is set to a value that is not shown; it must be name=value,name=value.")]
    [InlineData("--Telemetry:TraceRatio=2", "Telemetry:TraceRatio is 2; it must be between 0 and 1.")]
    [InlineData("--Telemetry:MetricsInterval=00:00:00", "Telemetry:MetricsInterval is 00:00:00; it must be between")]
    public async Task Start_WrongSetting_SaysSo(string setting, string words)
    {
        await using var server = ServerProcess.Launch(setting);

        Assert.NotEqual(0, await server.ExitAsync());
        Assert.Contains(server.Errors, line => line.Contains(words, StringComparison.Ordinal));
        Assert.DoesNotContain(server.Errors, line => line.Contains("secret-word", StringComparison.Ordinal));
    }
}
