using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Web;

/// <summary>Published clients for the web, against a server that is killed.</summary>
public sealed class WebClientTests
{
    private const int Words = 60;
    private const long OffsetsPerAttempt = 1_000_000_000;

    private static readonly int Kills = Suite.Pick(1, inLongRuns: 3);

    /// <summary>The package's EventSource and Chromium's, which read a turn or watch a chat.</summary>
    public static TheoryData<string, bool> EventSources
    {
        get
        {
            var sources = new TheoryData<string, bool> { { "tests/System/Web/eventsource.js", true } };
            if (Suite.IsLong)
            {
                sources.Add("tests/System/Web/eventsource.js", false);
                sources.Add("tests/System/Browser/eventsource.js", true);
                sources.Add("tests/System/Browser/eventsource.js", false);
            }

            return sources;
        }
    }

    [Theory]
    [MemberData(nameof(EventSources))]
    public async Task EventSource_ServerIsKilled_HasNoGapAndNoDuplicate(string script, bool watch)
    {
        using var directory = new TestDirectory();
        await Programs.PrepareAsync(Programs.Node, script);
        var server = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty]);
        try
        {
            var (web, port) = (new Uri(server.Ready!, "/"), server.Ready!.Port);
            var name = await CreateAsync(web);
            await using var client = watch ? await StartEventSourceAsync(script, web, $"/v1/{name}:watch") : await StartEventSourceAsync(script, web, $"/v1/{name}/turns/{await SendAsync(web, name)}:read");
            if (watch)
            {
                // A watch begins with the next turn.
                await client.LineAsync(line => line.Contains("\"name\":\"chat\"", StringComparison.Ordinal));
                await SendAsync(web, name);
            }

            for (var kill = 1; kill <= Kills; kill++)
            {
                // Each server starts the turn again.
                await client.LineAsync(line => line.Contains($"\"attempt\":{kill}", StringComparison.Ordinal));
                var chunk = $"\"offset\":\"{((kill - 1) * OffsetsPerAttempt) + 5}\"";
                await client.LineAsync(line => line.Contains(chunk, StringComparison.Ordinal));
                await server.KillAsync();
                await server.DisposeAsync();
                server = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty, $"--Api:HttpPort={port}"]);
            }

            Assert.True(await client.ExitAsync() == 0, client.ToString());
            Check([.. client.Lines.Select(line => JsonNode.Parse(line)!)], watch);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task GrpcWeb_ConnectClient_MatchesTheContract()
    {
        using var directory = new TestDirectory();
        var server = await ServerProcess.SharedAsync();
        var descriptors = Path.Combine(directory.Path, "chats.binpb");
        await ChildProcess.RunAsync(
            "protoc", [$"-I{Repository.PathTo("protos")}", "--include_imports", $"--descriptor_set_out={descriptors}", "genai/chats/v1/chats.proto"]);

        var printed = await Programs.RunAsync(Programs.Node, "tests/System/Web/grpc_web.mjs", server.Ready!.GetLeftPart(UriPartial.Authority), descriptors);

        const string expected = """
            {"state":3,"kinds":["started","chunk","chunk","chunk","ended"],"apart":true,"turnId":"same",
             "failure":["NotFound",["google.rpc.ErrorInfo","google.rpc.ResourceInfo"]]}
            """;
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), JsonNode.Parse(Assert.Single(printed))!.ToJsonString());
    }

    private static async Task<string> CreateAsync(Uri web)
    {
        using var http = new HttpClient { BaseAddress = web };
        using var created = await http.PostAsync("/v1/chats", Json("""{"model": "echo", "config": {"labels": {"echo-delay-ms": "250"}}}"""));
        return (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["name"]!;
    }

    private static Task<ChildProcess> StartEventSourceAsync(string script, Uri web, string path) =>
        Programs.StartAsync(Programs.Node, script, new Uri(web, path).ToString());

    // Starts a turn, and returns its ID without waiting for its end.
    private static async Task<string> SendAsync(Uri web, string name)
    {
        using var http = new HttpClient { BaseAddress = web };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/{name}:sendMessageStream")
        {
            Content = Json($$"""{"text": "{{string.Join(' ', Enumerable.Range(0, Words))}}"}"""),
        };
        using var sent = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        return sent.Headers.GetValues("turn-id").Single();
    }

    // Every attempt's events are numbered without gaps, and the last attempt has all words.
    private static void Check(IReadOnlyList<JsonNode> printed, bool watch)
    {
        var events = printed.Select(line => watch ? line["data"]!["turn"]?["event"] : line["data"]).OfType<JsonNode>().ToList();
        var text = new StringBuilder();
        var last = 0L;
        foreach (var next in events)
        {
            var offset = long.Parse((string)next["offset"]!, System.Globalization.CultureInfo.InvariantCulture);
            var isStart = next["started"] is not null;
            Assert.True(isStart ? offset > last : offset == last + 1, $"{offset} came after {last}.");
            last = offset;
            text = isStart ? text.Clear() : text.Append((string?)next["chunk"]?["candidates"]?[0]?["content"]?["parts"]?[0]?["text"]);
        }

        Assert.Equal("STATE_COMPLETED", (string?)events[^1]["ended"]!["state"]);
        Assert.Equal(string.Join(' ', Enumerable.Range(0, Words)), text.ToString());
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
