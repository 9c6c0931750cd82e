using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
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
    private const string CSharp = "dotnet";

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    private static readonly string[] Printed =
    [
        "created chats/ID",
        "These", "words", "come", "one", "by", "one,", "even", "if", "the", "server", "is", "killed", "between", "them.",
        "sent twice, one turn: true",
    ];

    [Theory]
    [InlineData(ProxyProcess.Nginx, Programs.Python, "examples/python/durable_chat.py")]
    [InlineData(ProxyProcess.Nginx, Programs.Node, "examples/node/durable_chat.js")]
    [InlineData(ProxyProcess.Nginx, CSharp, null)]
    [InlineData(ProxyProcess.HaProxy, Programs.Python, "examples/python/durable_chat.py")]
    [InlineData(ProxyProcess.HaProxy, Programs.Node, "examples/node/durable_chat.js")]
    [InlineData(ProxyProcess.HaProxy, CSharp, null)]
    public async Task QuickStart_ProxyClosesSilentStream_PrintsEachWordOnce(string proxy, string program, string? script)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        await using var front = await ProxyProcess.StartAsync(proxy, server, Silence);
        await using var process = await StartAsync(program, script, front.Address);
        await process.LineAsync(line => line == "come");

        await server.SignalAsync("STOP");
        await front.TimedOutAsync();
        await server.SignalAsync("CONT");

        Assert.True(await process.ExitAsync() == 0, $"{process}\n{front}");
        Assert.Equal(Printed, process.Lines.Select(Readme.WithoutIds));
    }

    [Theory]
    [InlineData(ProxyProcess.Nginx, Programs.Python, "examples/python/durable_chat.py")]
    [InlineData(ProxyProcess.Nginx, Programs.Node, "examples/node/durable_chat.js")]
    [InlineData(ProxyProcess.HaProxy, CSharp, null)]
    public async Task QuickStart_DocumentedSettingsAndServerKilled_PrintsEachWordOnce(string proxy, string program, string? script)
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, [.. Times.Hasty]);
        await using var front = await ProxyProcess.StartDocumentedAsync(proxy, server);
        await using var process = await StartAsync(program, script, front.Address);
        await process.LineAsync(line => line == "come");

        await server.KillAsync();
        await using var again = await ServerProcess.StartAsync(
            directory.Database, [.. Times.Hasty, $"--Api:GrpcPort={server.Address.Split(':')[1]}", $"--Api:HttpPort={server.Ready!.Port}"]);

        Assert.True(await process.ExitAsync() == 0, $"{process}\n{front}");
        Assert.Equal(Printed, process.Lines.Select(Readme.WithoutIds));
    }

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
        var first = (await front.Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name })).History[0];
        Assert.Equal(PictureBytes, first.Parts[0].InlineData.Data.Length);
    }

    [Theory]
    [InlineData(ProxyProcess.Nginx)]
    [InlineData(ProxyProcess.HaProxy)]
    public async Task DefaultSettings_LargeErrors_ArriveWithTheirDetails(string proxy)
    {
        using var directory = new TestDirectory();
        await using var gemini = await ScriptedGeminiServer.StartAsync();
        await using var server = await ServerProcess.StartAsync(
            directory.Database, "--Models:Routes:0:Name=gemini-*", "--Models:Routes:0:Provider=gemini", $"--Models:Routes:0:BaseUrl={gemini.BaseUrl}", "--Models:Routes:0:Key=key");
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

    private static Task<ChildProcess> StartAsync(string program, string? script, string address) => script is null
        ? Task.FromResult(ChildProcess.Start(program, [Repository.QuickStartAssembly, address]))
        : Programs.StartAsync(program, script, address);
}
