using System.Net;
using System.Net.Sockets;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Google.Rpc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>A model that can't be used says why: in the turn's error and in the log, without secrets and addresses.</summary>
public sealed class UnreachableTests
{
    public static TheoryData<string, string, string> Causes
    {
        get
        {
            var causes = new TheoryData<string, string, string>();
            foreach (var provider in (string[])["gemini", "vertex", "openai"])
            {
                causes.Add(provider, "http://secret-host.invalid", "the host name can't be resolved (DNS)");
                causes.Add(provider, "http://127.0.0.1:CLOSED", "the connection was refused");
                causes.Add(provider, "https://127.0.0.1:PLAIN", "the TLS handshake failed");
            }

            return causes;
        }
    }

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task GenerateAsync_NoConnection_IsExplained(string provider, string url, string cause)
    {
        await using var plain = await ScriptedOpenAiServer.StartAsync();
        url = url.Replace("CLOSED", $"{ClosedPort()}", StringComparison.Ordinal).Replace("PLAIN", $"{plain.BaseUrl.Port}", StringComparison.Ordinal);
        using var log = new RecordedLog();
        await using var host = Host(log, provider, url);

        var failure = await Assert.ThrowsAsync<ModelException>(() => host.RouteOf("m").CallAsync(Ask("q")));

        Assert.Equal((Code.Unavailable, ModelErrorReasons.Unavailable), (failure.Code, failure.Reason));
        Assert.Equal($"The connection to the model failed: {cause}.", failure.Message);
        Assert.Contains($"Unusable: Route *: {provider} can't be used (MODEL_UNAVAILABLE): {cause}.", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemini", 401)]
    [InlineData("gemini", 404)]
    [InlineData("openai", 401)]
    [InlineData("openai", 403)]
    public async Task GenerateAsync_ServerIsTurnedAway_IsExplained(string provider, int status)
    {
        await using var server = await ScriptedOpenAiServer.StartAsync();
        server.Enqueue(ScriptedReply.Json("{}", status));
        using var log = new RecordedLog();
        await using var host = Host(log, provider, server.ApiUrl.ToString());

        var failure = await Assert.ThrowsAsync<ModelException>(() => host.RouteOf("m").CallAsync(Ask("q")));

        Assert.StartsWith($"The model API returned {status} ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{provider} can't be used ({failure.Reason}): HTTP {status}.", log.Text, StringComparison.Ordinal);
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ModelsHost Host(RecordedLog log, string provider, string url) => ModelsHost.Build(
        services => services.AddLogging(logging => logging.AddFilter("System.Net.Http", LogLevel.None).AddProvider(log)),
        ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", provider), ("Models:Routes:0:Key", "secret-key"), ("Models:Routes:0:BaseUrl", url),
        ("Models:Routes:0:Retry:MaxAttempts", "1"));
}
