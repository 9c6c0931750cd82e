using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.SystemTests;

/// <summary>What was acknowledged is there after the server has ended, however it ended.</summary>
public sealed class RestartTests
{
    // So that a turn without a server is noticed soon.
    private static readonly string[] Hasty = ["--Chats:LeaseDuration=00:00:01.5", "--Chats:HeartbeatInterval=00:00:00.3", "--Chats:RecoveryInterval=00:00:00.3"];

    [Theory]
    [LongInlineData(false)]
    [InlineData(true)]
    public async Task Restart_AfterSigtermOrKill_EveryChatIsTheSameByteForByte(bool kill)
    {
        using var directory = new TestDirectory();
        IReadOnlyList<ByteString> before;
        await using (var server = await ServerProcess.StartAsync(directory.Database))
        {
            await FillAsync(server.Client);
            before = await ReadAllAsync(server.Client);
            if (kill)
            {
                await server.KillAsync();
            }
            else
            {
                Assert.Equal(0, await server.TerminateAsync());
            }
        }

        await using var again = await ServerProcess.StartAsync(directory.Database);

        Assert.Equal(before, await ReadAllAsync(again.Client));
    }

    [LongFact]
    public async Task Move_ToAnotherStoreAndBack_EveryChatIsTheSameByteForByte()
    {
        using var directory = new TestDirectory();
        var postgres = new[] { "--Storage:Provider=Postgres", "--Storage:ConnectionString=" + await (await PostgresServer.SharedAsync()).CreateSchemaAsync() };
        IReadOnlyList<ByteString> before;
        await using (var server = await ServerProcess.StartAsync(directory.Database))
        {
            await FillAsync(server.Client);
            before = await ReadAllAsync(server.Client);

            // While it runs.
            await MoveAsync(["--Storage:Path=" + directory.Database], postgres);
        }

        await using (var server = await ServerProcess.StartAsync(directory.Database, postgres))
        {
            Assert.Equal(before, await ReadAllAsync(server.Client));
        }

        await MoveAsync(postgres, ["--Storage:Path=" + directory.Database + ".back"]);
        await using var back = await ServerProcess.StartAsync(directory.Database + ".back");
        Assert.Equal(before, await ReadAllAsync(back.Client));
    }

    [LongFact]
    public async Task Restart_TurnRanAtKill_IsCompletedWithoutAClientAndReplayed()
    {
        using var directory = new TestDirectory();
        Turn started;
        string name;
        await using (var server = await ServerProcess.StartAsync(directory.Database, Hasty))
        {
            name = (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model })).Name;
            using var stream = server.Client.SendMessageStream(Echo.Slow(name, 250));
            started = (await Echo.NextAsync(stream)).Started;
            Assert.Equal(Echo.Words[0], (await Echo.NextAsync(stream)).Chunk.Candidates[0].Content.Parts[0].Text);
            Assert.Empty((await server.Client.GetHistoryAsync(new GetHistoryRequest { Name = name })).History);
            await server.KillAsync();
        }

        await using var again = await ServerProcess.StartAsync(directory.Database, Hasty);

        // Listing reads the store, and wakes no chat.
        var chat = await TimeLimit.UntilAsync(
            async () => Assert.Single((await again.Client.ListChatsAsync(new ListChatsRequest())).Chats), c => c.TurnCount == 1);
        Assert.Equal(1, chat.Revision);
        var turn = await again.Client.GetTurnAsync(new GetTurnRequest { Name = name, TurnId = started.TurnId });
        Assert.Equal((Turn.Types.State.Completed, 2, true), (turn.State, turn.Attempt, turn.Curated));
        var history = (await again.Client.GetHistoryAsync(new GetHistoryRequest { Name = name })).History;
        Assert.Equal([("user", Echo.Text), ("model", Echo.Text)], history.Select(c => (c.Role, Assert.Single(c.Parts).Text)));
        var events = await Echo.AllAsync(again.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = started.TurnId, AfterOffset = 2 }));
        Assert.Equal(2, events[0].Started.Attempt);
        Assert.Equal(Echo.Words, Echo.WordsOf(events));
        Assert.Equal(turn.AsInEvent(), events[^1].Ended);
        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => events[0].Offset + i), events.Select(e => e.Offset));
    }

    [LongFact]
    public async Task Restart_SendAgainWithItsRequestId_IsTheRecordedTurn()
    {
        using var directory = new TestDirectory();
        var send = new SendMessageRequest { Text = "Once only.", RequestId = "first-send" };
        SendMessageResponse first;
        await using (var server = await ServerProcess.StartAsync(directory.Database))
        {
            send.Name = (await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model })).Name;
            first = await server.Client.SendMessageAsync(send);
            await server.KillAsync();
        }

        await using var again = await ServerProcess.StartAsync(directory.Database);

        Assert.Equal(first, await again.Client.SendMessageAsync(send));
        Assert.Equal(2, (await again.Client.GetHistoryAsync(new GetHistoryRequest { Name = send.Name })).History.Count);
    }

    // As in docs/how-to/back-up-and-move.md.
    private static async Task MoveAsync(string[] from, string[] to)
    {
        const string Script = "dotnet \"$1\" export --tenant default \"$2\" \"$3\" | dotnet \"$1\" import \"$4\" \"$5\"";
        const string Nothing = "--Storage:BusyTimeout=00:00:05";
        await ChildProcess.RunAsync(
            "sh", ["-c", Script, "sh", Repository.ServerAssembly, from[0], from.ElementAtOrDefault(1) ?? Nothing, to[0], to.ElementAtOrDefault(1) ?? Nothing]);
    }

    private static async Task FillAsync(V1.Chats.ChatsClient client)
    {
        await client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model, ChatId = "plain" });
        await client.CreateChatAsync(RichChat());
        await client.SendMessageAsync(new SendMessageRequest { Name = "chats/plain", Text = "Grüße, 世界 \U0001F600" });
        await client.SendMessageAsync(new SendMessageRequest { Name = "chats/rich", Message = RichMessage() });
        await Echo.AllAsync(client.SendMessageStream(new SendMessageRequest { Name = "chats/rich", Text = Echo.Text }));
        await client.RecordHistoryAsync(new RecordHistoryRequest { Name = "chats/rich", UserInput = Content("user", "Recorded, "), IsValid = false });
        await client.UpdateChatAsync(new UpdateChatRequest
        {
            Chat = new Chat { Name = "chats/plain", DisplayName = "A plain chat", Labels = { ["kind"] = "plain" } },
            UpdateMask = new FieldMask { Paths = { "display_name", "labels" } },
        });
    }

    private static async Task<IReadOnlyList<ByteString>> ReadAllAsync(V1.Chats.ChatsClient client)
    {
        var all = new List<ByteString> { (await client.ListChatsAsync(new ListChatsRequest())).ToByteString() };
        foreach (var name in new[] { "chats/plain", "chats/rich" })
        {
            all.Add((await client.GetChatAsync(new GetChatRequest { Name = name })).ToByteString());
            all.Add((await client.GetHistoryAsync(new GetHistoryRequest { Name = name })).ToByteString());
            all.Add((await client.GetHistoryAsync(new GetHistoryRequest { Name = name, Curated = true })).ToByteString());
        }

        return all;
    }

    private static CreateChatRequest RichChat() => new()
    {
        Model = Echo.Model,
        ChatId = "rich",
        DisplayName = "A chat with all sorts of things",
        Labels = { ["kind"] = "rich", ["a"] = "b" },
        Config = new GenerateContentConfig
        {
            Temperature = 0.3f,
            SystemInstruction = Content("user", "Be kind."),
            Labels = { ["echo-repeat"] = "2" },
            StopSequences = { "\n", "END" },
        },
        History =
        {
            Content("user", "First question."),
            Content("model", "First answer."),
            Content("user", "Second question."),
            new Content { Role = "model" },
        },
    };

    private static Content RichMessage() => new()
    {
        Role = "user",
        Parts =
        {
            new Part { Text = "Look: ", Extra = new Struct { Fields = { ["partMember"] = Value.ForNumber(1.5) } } },
            new Part { InlineData = new Blob { MimeType = "image/png", Data = ByteString.CopyFrom(0, 1, 2, 253, 254, 255) } },
        },
    };

    private static Content Content(string role, string text) => new() { Role = role, Parts = { new Part { Text = text } } };
}
