using System.Text;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Otlp;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>Telemetry has no content of chats, unless it's enabled.</summary>
public sealed class ContentTests
{
    private const string Marker = "marker";

    // One for each place with content.
    private static readonly string[] Markers =
        ["marker-user", "marker-model", "marker-system", "marker-history", "marker-error", "marker-recorded", "marker-name", "marker-label", "secret-key"];

    // The categories that appsettings.json silences.
    private static readonly string[] EveryLevel =
    [
        .. new[] { "Default", "Microsoft", "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Hosting.Lifetime", "Orleans", "System.Net.Http", "Grpc" }
            .Select(category => $"--Logging:LogLevel:{category}=Trace"),
    ];

    [Fact]
    public async Task Telemetry_EveryLevel_HasNoContent()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync([.. EveryLevel, "--Telemetry:OrleansSpans=true", "--Telemetry:Sources:0=*", "--Telemetry:Meters:0=*"]);

        await TalkAsync(scene, server);

        await EndedAsync(scene, turns: 2);
        await server.TerminateAsync();
        Assert.Contains(scene.Collector.Logs, one => one.Record.Severity == "Trace");
        var seen = scene.Collector.Bodies.Select(Encoding.UTF8.GetString).Append(Printed(server));
        Assert.All(Markers, marker => Assert.All(seen, text => AssertLacks(marker, text)));
    }

    [Fact]
    public async Task Spans_ContentIsCaptured_HaveItAsInTheConventions()
    {
        await using var scene = await TelemetryScene.CreateAsync();
        var server = await scene.StartAsync([.. EveryLevel, "--Telemetry:CaptureContent=true"]);

        await TalkAsync(scene, server);

        await EndedAsync(scene, turns: 2);
        await server.TerminateAsync();
        var model = scene.Collector.Spans.First(one => one.Span.Name == "generate_content gemini-test").Span;
        Assert.Equal("""[{"type":"text","content":"marker-system"}]""", model.Attributes.Get("gen_ai.system_instructions"));
        Assert.Equal(
            """[{"role":"user","parts":[{"type":"text","content":"marker-history"}]},{"role":"assistant","parts":[{"type":"text","content":"marker-history"}]},"""
            + """{"role":"user","parts":[{"type":"text","content":"marker-user"}]}]""",
            model.Attributes.Get("gen_ai.input.messages"));
        Assert.Equal(
            """[{"role":"assistant","parts":[{"type":"text","content":"One marker-model"}],"finish_reason":"STOP"}]""",
            model.Attributes.Get("gen_ai.output.messages"));

        // Still nowhere else.
        var others = scene.Collector.Spans.Where(one => one.Scope != "GenAI.Chats.Models").SelectMany(one => one.Span.Attributes).Select(one => one.ToString())
            .Concat(scene.Collector.Logs.Select(one => one.Record.ToString()))
            .Concat(scene.Collector.Metrics.Select(one => one.Metric.ToString()))
            .Append(Printed(server));
        Assert.All(others, text => AssertLacks(Marker, text));
    }

    // Without the command line, which has a key.
    private static string Printed(ServerProcess server) => server.ToString().Split("printed:", 2)[1];

    private static void AssertLacks(string marker, string text)
    {
        var at = text.IndexOf(marker, StringComparison.Ordinal);
        Assert.True(at < 0, $"{marker}: ...{(at < 0 ? "" : text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 50)])}");
    }

    private static async Task TalkAsync(TelemetryScene scene, ServerProcess server)
    {
        var create = new CreateChatRequest
        {
            Model = TelemetryScene.Model,
            DisplayName = "marker-name",
            Labels = { ["label"] = "marker-label" },
            Config = new GenerateContentConfig { SystemInstruction = Said("user", "marker-system") },
            History = { Said("user", "marker-history"), Said("model", "marker-history") },
        };
        var chat = (await server.Client.CreateChatAsync(create)).Name;
        scene.Gemini.Enqueue(ScriptedReply.StreamOf("One ", "marker-model"), ScriptedReply.Error(400, "INVALID_ARGUMENT", "marker-error"));
        await TelemetryScene.StreamAsync(server, new SendMessageRequest { Name = chat, Text = "marker-user" });
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Client.SendMessageAsync(new SendMessageRequest { Name = chat, Text = "marker-user" }));
        Assert.Contains("marker-error", failure.Status.Detail, StringComparison.Ordinal);
        await server.Client.RecordHistoryAsync(new RecordHistoryRequest
        {
            Name = chat,
            UserInput = Said("user", "marker-recorded"),
            ModelOutput = { Said("model", "marker-recorded") },
            IsValid = true,
        });
        await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = chat });
    }

    private static Content Said(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };

    private static Task<object> EndedAsync(TelemetryScene scene, int turns) => scene.Collector.UntilAsync<object>(
        collector => collector.Spans.Count(one => one.Span.Name == "turn") == turns
            && collector.Spans.Any(one => one.Span.Name.EndsWith("/GetHistory", StringComparison.Ordinal)) ? collector : null,
        TimeLimit.Token);
}
