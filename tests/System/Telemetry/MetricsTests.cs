using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Otlp;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>The metrics are those that docs/reference/telemetry.md lists, no more and no fewer.</summary>
public sealed class MetricsTests
{
    private static readonly string[] Hasty =
    [
        "--Chats:HeartbeatInterval=00:00:00.1", "--Chats:LeaseDuration=00:00:00.5", "--Chats:RecoveryInterval=00:00:00.2", "--Chats:MaxQueuedTurns=0",
        "--Storage:BusyTimeout=00:00:00.1",
    ];

    [Fact]
    public async Task Metrics_OfAllEvents_AreAsDocumented()
    {
        await using var scene = await TelemetryScene.CreateAsync();

        // A second target, for failover.
        string[] settings =
        [
            .. Hasty, "--Models:Routes:0:Targets:1:Provider=gemini", $"--Models:Routes:0:Targets:1:BaseUrl={scene.Gemini.BaseUrl}",
            "--Models:Routes:0:Targets:1:Key=secret-key",
        ];
        var first = await scene.StartAsync(settings);
        var second = await scene.StartAsync(settings);
        await MeetConflictAsync(first, second);
        await FailAndSucceedAsync(scene, first);
        await MissHeartbeatsAsync(scene);
        await LoseServerAsync(scene, first);

        var documented = MetricsDocument.Read();
        var names = documented.Select(metric => metric.Name).ToHashSet();
        await scene.Collector.UntilAsync(
            collector => names.IsSubsetOf(Own(collector).Select(metric => metric.Name)) ? names : null,
            TimeLimit.Token);
        Assert.Equal(names.Order(), Own(scene.Collector).Select(metric => metric.Name).Distinct().Order());
        Assert.All(Own(scene.Collector), metric => AssertIsAsDocumented(metric, documented.Single(one => one.Name == metric.Name)));
    }

    private static IEnumerable<OtlpMetric> Own(OtlpCollector collector) =>
        collector.Metrics.Where(one => one.Scope.StartsWith("GenAI.Chats.", StringComparison.Ordinal)).Select(one => one.Metric).Where(metric => metric.Points().Any());

    private static void AssertIsAsDocumented(OtlpMetric metric, MetricsDocument document)
    {
        Assert.Equal(document.Unit, metric.Unit);
        Assert.Equal(document.Type, metric switch
        {
            { Histogram: not null } => "histogram",
            { Gauge: not null } => "gauge",
            { Sum.IsMonotonic: true } => "counter",
            _ => "up-down counter",
        });
        Assert.All(
            metric.Points().SelectMany(point => point).Where(attribute => attribute.Key != "otel.metric.overflow"),
            attribute => Assert.Contains(attribute.Key, document.Attributes));
    }

    // A chat in memory of two servers, changed by the other one.
    private static async Task MeetConflictAsync(ServerProcess first, ServerProcess second)
    {
        var update = new UpdateChatRequest { Chat = new Chat { DisplayName = "other" }, UpdateMask = new FieldMask { Paths = { "display_name" } } };
        update.Chat.Name = await TelemetryScene.NewChatAsync(first);
        await second.Client.UpdateChatAsync(update, cancellationToken: TimeLimit.Token);
        await first.Client.UpdateChatAsync(update, cancellationToken: TimeLimit.Token);
    }

    private static async Task FailAndSucceedAsync(TelemetryScene scene, ServerProcess server)
    {
        var busy = ScriptedReply.Error(503, "UNAVAILABLE", "Busy.");
        scene.Gemini.Enqueue(busy, busy, ScriptedReply.StreamOf("One ", "two."));
        var chat = await TelemetryScene.NewChatAsync(server);
        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Count." });

        // The chat is busy, and its queue has no room.
        var gate = new Gate();
        scene.Gemini.Enqueue(ScriptedReply.Stream().WaitFor(gate).Event(GeminiJson.Text("One.", "STOP")));
        var running = TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "First." });
        await scene.Gemini.WaitForRequestAsync(4, TimeLimit.Token);
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "Second." }));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        gate.Open();
        await running;
    }

    private static async Task MissHeartbeatsAsync(TelemetryScene scene)
    {
        await using var connection = new SqliteConnection($"Data Source={scene.Database};Pooling=False");
        await connection.OpenAsync();
        await using (await connection.BeginTransactionAsync())
        {
            await scene.Collector.UntilAsync(
                collector => Own(collector).FirstOrDefault(metric => metric.Name == "chats.store.heartbeat.failures"), TimeLimit.Token);
        }
    }

    private static async Task LoseServerAsync(TelemetryScene scene, ServerProcess server)
    {
        var before = scene.Gemini.Requests.Count;
        scene.Gemini.Enqueue(ScriptedReply.Stream().Hang(), ScriptedReply.StreamOf("One."));
        var send = TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = await TelemetryScene.NewChatAsync(server), Text = "Count." });
        await scene.Gemini.WaitForRequestAsync(before + 1, TimeLimit.Token);
        await server.KillAsync();
        await Assert.ThrowsAsync<RpcException>(() => send);
        await scene.Gemini.WaitForRequestAsync(before + 2, TimeLimit.Token);
    }
}
