using System.Net;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>Prometheus can scrape the metrics, if that's enabled.</summary>
public sealed class PrometheusTests
{
    [Fact]
    public async Task Metrics_Enabled_AreServedWithoutCredentials()
    {
        using var directory = new TestDirectory();
        using var http = new HttpClient();
        var key = new TestKey("acme");
        await using var server = await ServerProcess.StartAsync(
            directory.Database, ["--Telemetry:Prometheus=true", "--Authentication:Schemes=ApiKeys", .. key.Settings(0)]);
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model }, key.Metadata);
        await server.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Hello" }, key.Metadata);

        var metrics = await http.GetStringAsync(new Uri(server.Ready!, "/metrics"));

        Assert.Contains("chats_turn_duration_seconds_bucket{", metrics, StringComparison.Ordinal);
        Assert.Contains("chats_turns_running", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello", metrics, StringComparison.Ordinal);

        // The names are those of the reference, which the dashboard and the alerts use.
        var documented = MetricsDocument.Read().SelectMany(static metric => metric.Series).ToHashSet();
        var names = metrics.Split('\n').Where(static line => line.StartsWith("chats_", StringComparison.Ordinal) || line.StartsWith("gen_ai_", StringComparison.Ordinal))
            .Select(static line => line.Split('{', ' ')[0]).Distinct();
        Assert.All(names, name => Assert.Contains(name, documented));
    }

    [Fact]
    public async Task Metrics_NotEnabled_AreNotFound()
    {
        using var http = new HttpClient();
        var server = await ServerProcess.SharedAsync();

        using var response = await http.GetAsync(new Uri(server.Ready!, "/metrics"));

        Assert.NotEqual(HttpStatusCode.OK, response.StatusCode);
    }
}
