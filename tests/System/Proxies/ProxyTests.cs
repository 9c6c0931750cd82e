using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Proxies;

/// <summary>Clients behind nginx and HAProxy get everything that the server sends, with and without the documented settings.</summary>
public sealed class ProxyTests
{
    private const int PictureBytes = 5 << 20;

    // The model is silent for longer than the proxies allow.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    // nginx allows 60 s by default, and Debian's configuration of HAProxy 50 s.
    private static readonly TimeSpan LongSilence = TimeSpan.FromSeconds(75);

    public static TheoryData<string, bool> Proxies
    {
        get
        {
            var proxies = new TheoryData<string, bool> { { ProxyProcess.Nginx, true } };
            if (Suite.IsLong)
            {
                proxies.Add(ProxyProcess.Nginx, false);
                proxies.Add(ProxyProcess.HaProxy, true);
                proxies.Add(ProxyProcess.HaProxy, false);
            }

            return proxies;
        }
    }

    [Theory]
    [MemberData(nameof(Proxies))]
    public Task QuickStarts_ModelIsSilentAndServerIsKilled_PrintEachWordOnce(string program, bool isDocumented) =>
        PrintEachWordOnceAsync(Silence, Limit, (program, isDocumented, !isDocumented));

    /// <summary>The same with the proxies' own time limits. All clients wait at the same time. nginx counts the server's pings as data, HAProxy doesn't.</summary>
    [LongFact]
    public Task QuickStarts_ModelIsSilentForLongerThanProxiesAllowByDefault_PrintEachWordOnce() => PrintEachWordOnceAsync(
        LongSilence, null, (ProxyProcess.Nginx, true, false), (ProxyProcess.Nginx, false, false), (ProxyProcess.HaProxy, true, false), (ProxyProcess.HaProxy, false, true));

    [Theory]
    [InlineData(ProxyProcess.Nginx)]
    [InlineData(ProxyProcess.HaProxy)]
    public async Task DocumentedSettings_LargeMessageAndSilentModel_ArePassedOn(string proxy)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        await using var front = await ProxyProcess.StartDocumentedAsync(proxy, server);
        var history = new Content { Role = "user", Parts = { new Part { InlineData = new Blob { MimeType = "image/png", Data = ByteString.CopyFrom(new byte[PictureBytes]) } } } };
        var chat = await front.Client.CreateChatAsync(new CreateChatRequest
        {
            Model = Echo.Model,
            History = { history, new Content { Role = "model", Parts = { new Part { Text = "A picture." } } } },
            Config = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "2500" } },
        });

        using var stream = front.Client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = "Two words" });
        var events = await stream.ResponseStream.ReadAllAsync(TimeLimit.Token).ToListAsync();

        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
        var first = (await front.Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name }, new Metadata { { "x-chat-max-message-bytes", "-1" } })).History[0];
        Assert.Equal(PictureBytes, first.Parts[0].InlineData.Data.Length);
    }

    [Theory]
    [InlineData(ProxyProcess.Nginx)]
    [LongInlineData(ProxyProcess.HaProxy)]
    public async Task DefaultSettings_LargeErrors_ArriveWithTheirDetails(string proxy)
    {
        using var directory = new TestDirectory();
        await using var gemini = await ScriptedGeminiServer.StartAsync();
        await using var server = await ServerProcess.StartAsync(directory.Database, RouteTo(gemini, "gemini-*"));
        await using var front = await ProxyProcess.StartAsync(proxy, server, TimeSpan.FromMinutes(1));
        gemini.Enqueue(ScriptedReply.Error(400, "INVALID_ARGUMENT", string.Concat(Enumerable.Repeat("無効な値です。", 200))));
        var chat = await front.Client.CreateChatAsync(new CreateChatRequest { Model = "gemini-test" });

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await front.Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Hello" }));
        var invalid = await Assert.ThrowsAsync<RpcException>(
            async () => await front.Client.UpdateChatAsync(new UpdateChatRequest { Chat = chat, UpdateMask = new FieldMask { Paths = { new string('名', 600) } } }));

        Assert.Equal((StatusCode.InvalidArgument, "MODEL_INVALID_REQUEST"), (refused.StatusCode, refused.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason));
        Assert.Equal((StatusCode.InvalidArgument, "INVALID_FIELD"), (invalid.StatusCode, invalid.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason));
        Assert.Contains("無効な値です。", refused.Status.Detail, StringComparison.Ordinal);
    }

    // Runs the quickstarts in all languages behind each of the proxies. The model falls silent in mid-stream, and then the server is killed.
    private static async Task PrintEachWordOnceAsync(TimeSpan time, TimeSpan? limit, params (string Program, bool IsDocumented, bool TimesOut)[] proxies)
    {
        var words = QuickStarts.Text.Split(' ').Select(static word => $"{word} ").ToArray();
        var (silence, never) = (new Gate(), new Gate());
        await using var gemini = await ScriptedGeminiServer.StartAsync();
        gemini.Always(static request => request.LastText == "Once.", ScriptedReply.Text("Once."));
        gemini.EnqueueFor(static _ => true, [.. proxies.SelectMany(static _ => QuickStarts.Languages).Select(_ => Silent(words, silence, never))]);
        gemini.Always(static _ => true, ScriptedReply.StreamOf(words));
        string[] settings = [.. Times.Hasty, "--Chats:LeaseDuration=00:00:03", .. RouteTo(gemini, Echo.Model), "--Models:Routes:0:Timeouts:BetweenChunks=00:05:00"];
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, settings);
        var fronts = new List<(ProxyProcess Proxy, bool TimesOut)>();
        var clients = new List<(ChildProcess Client, ProxyProcess Proxy)>();
        try
        {
            foreach (var (program, isDocumented, timesOut) in proxies)
            {
                var proxy = await (isDocumented ? ProxyProcess.StartDocumentedAsync(program, server) : ProxyProcess.StartAsync(program, server, limit));
                fronts.Add((proxy, timesOut));
                clients.AddRange((await Task.WhenAll(QuickStarts.Languages.Select(language => QuickStarts.StartAsync(language, proxy.Address)))).Select(client => (client, proxy)));
            }

            await Task.WhenAll(clients.Select(static one => one.Client.LineAsync(static line => line == "come")));
            await Task.Delay(time);
            Assert.All(fronts, static front => Assert.Equal(front.TimesOut, front.Proxy.HasTimedOut));
            silence.Open();
            await Task.WhenAll(clients.Select(static one => one.Client.LineAsync(static line => line == "killed")));

            await server.KillAsync();
            await using var again = await ServerProcess.StartAsync(
                directory.Database, [.. settings, $"--Api:GrpcPort={server.Address.Split(':')[1]}", $"--Api:HttpPort={server.Ready!.Port}"]);

            foreach (var (client, proxy) in clients)
            {
                Assert.True(await client.ExitAsync() == 0, $"{client}\n{proxy}");
                Assert.Equal(QuickStarts.Output, client.Lines.Select(Readme.WithoutIds));
            }
        }
        finally
        {
            await Task.WhenAll(clients.Select(static one => one.Client.DisposeAsync().AsTask()));
            await Task.WhenAll(fronts.Select(static front => front.Proxy.DisposeAsync().AsTask()));
        }
    }

    private static string[] RouteTo(ScriptedGeminiServer gemini, string model) =>
        [$"--Models:Routes:0:Name={model}", "--Models:Routes:0:Provider=gemini", $"--Models:Routes:0:BaseUrl={gemini.BaseUrl}", "--Models:Routes:0:Key=key"];

    // The words so far have come when the silence begins, and all but the last ones when the server is killed.
    private static ScriptedReply Silent(string[] words, Gate silence, Gate never) =>
        Words(Words(ScriptedReply.Stream(), words[..3]).WaitFor(silence), words[3..^2]).WaitFor(never);

    private static ScriptedReply Words(ScriptedReply reply, IEnumerable<string> words) =>
        words.Aggregate(reply, static (reply, word) => reply.Event(GeminiJson.Text(word)));
}
