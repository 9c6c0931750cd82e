using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Chats;

/// <summary>Chats themselves: created, shown, changed, deleted.</summary>
public sealed class ChatTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Fact]
    public async Task CreateChat_AllFields_AreKept()
    {
        var before = DateTime.UtcNow.AddSeconds(-1);
        var config = new GenerateContentConfig
        {
            Temperature = 0,
            StopSequences = { "x" },
            Labels = { ["echo-repeat"] = "1" },
            SystemInstruction = Notation.Parse("u[Be brief.]"),
        };
        var request = new CreateChatRequest
        {
            Model = "echo",
            Config = config,
            ChatId = "My.chat_1-" + Guid.NewGuid().ToString("N"),
            DisplayName = "Grüße ☃",
            Labels = { ["team/a.b_c-d"] = "x y \"z\"", ["empty"] = "" },
            History = { Notation.Parse(["m[a]", "u[b]"]) },
        };

        var chat = await Client.CreateChatAsync(request);

        Assert.Equal($"chats/{request.ChatId}", chat.Name);
        Assert.Equal((request.Model, request.Config, request.DisplayName), (chat.Model, chat.Config, chat.DisplayName));
        Assert.Equal(request.Labels, chat.Labels);
        Assert.Equal((0L, 0L, "", 0), (chat.Revision, chat.TurnCount, chat.ActiveTurnId, chat.QueuedTurns));
        Assert.Null(chat.TotalUsage);
        Assert.Null(chat.ExpireTime);
        Assert.Null(chat.Ttl);
        Assert.InRange(chat.CreateTime.ToDateTime(), before, DateTime.UtcNow.AddSeconds(1));
        Assert.Equal(chat.CreateTime, chat.UpdateTime);
        Assert.Equal(chat, await Client.GetChatAsync(new GetChatRequest { Name = chat.Name }));
    }

    [Fact]
    public async Task CreateAndUpdate_LargerThanAMessageMayBe_AreRejected()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Chats:MaxMessageBytes=2048"));
        var client = server.Value.Client;
        var config = new GenerateContentConfig { SystemInstruction = Notation.Parse($"u[{new string('x', 2048)}]") };
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo" });

        var create = await Failure.OfAsync(client.CreateChatAsync(new CreateChatRequest { Model = "echo", Config = config }));
        var history = await Failure.OfAsync(client.CreateChatAsync(
            new CreateChatRequest { Model = "echo", History = { config.SystemInstruction } }));
        var update = await Failure.OfAsync(client.UpdateChatAsync(
            new UpdateChatRequest { Chat = new Chat { Name = chat.Name, Config = config }, UpdateMask = FieldMask.FromString("config") }));

        Assert.All([create, history, update], failure => Assert.Equal((StatusCode.InvalidArgument, "INVALID_FIELD"), (failure.Code, failure.Reason)));
        Assert.Equal(("config", "history", "chat.config"), (create.Field, history.Field, update.Field));
    }

    [Fact]
    public async Task CreateChat_WithoutChatId_ServerChoosesAValidOne()
    {
        var names = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            names.Add((await Client.CreateChatAsync(new CreateChatRequest { Model = "echo" })).Name);
        }

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches(@"\Achats/[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", name));
    }

    [Fact]
    public async Task CreateChat_LongestId_Works()
    {
        var id = "a" + new string('.', 95) + Guid.NewGuid().ToString("N");

        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = "echo", ChatId = id });

        Assert.Equal(128, id.Length);
        await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "hi" });
        await Client.DeleteChatAsync(new DeleteChatRequest { Name = chat.Name });
    }

    [Fact]
    public async Task GetChat_AfterTurns_HasRevisionCountAndSummedUsage()
    {
        var chat = await Server.NewChatAsync("echo");
        var created = await chat.GetAsync();

        await chat.SendAsync("one two");
        await chat.SendAsync("three");

        var after = await chat.GetAsync();
        Assert.Equal((2L, 2L), (after.Revision, after.TurnCount));
        Assert.Equal(
            (3, 3, 6), (after.TotalUsage.PromptTokenCount, after.TotalUsage.CandidatesTokenCount, after.TotalUsage.TotalTokenCount));
        Assert.Equal(created.CreateTime, after.CreateTime);
        Assert.True(after.UpdateTime.CompareTo(created.UpdateTime) > 0);
    }

    [Theory]
    [InlineData("model")]
    [InlineData("config")]
    [InlineData("display_name")]
    [InlineData("labels")]
    [InlineData("model,config,display_name,labels")]
    public async Task UpdateChat_Mask_ChangesWhatItListsAndNothingElse(string mask)
    {
        var before = await Client.CreateChatAsync(new CreateChatRequest
        {
            Model = "echo",
            Config = new GenerateContentConfig { Seed = 1 },
            DisplayName = "old",
            Labels = { ["a"] = "1", ["b"] = "2" },
        });
        var change = new Chat
        {
            Name = before.Name,
            Model = "gemini-new",
            Config = new GenerateContentConfig { TopK = 2 },
            DisplayName = "new",
            Labels = { ["c"] = "3" },
            Revision = 77,
            ActiveTurnId = "x",
        };

        var paths = mask.Split(',');
        var after = await Client.UpdateChatAsync(new UpdateChatRequest { Chat = change, UpdateMask = new FieldMask { Paths = { paths } } });

        var expected = before.Clone();
        foreach (var path in paths)
        {
            var field = Chat.Descriptor.FindFieldByName(path);
            field.Accessor.Clear(expected);
            expected.MergeFrom(Only(change, path));
        }

        Assert.True(after.UpdateTime.CompareTo(before.UpdateTime) > 0);
        expected.UpdateTime = after.UpdateTime;
        Assert.Equal(expected, after);
        Assert.Equal(after, await Client.GetChatAsync(new GetChatRequest { Name = before.Name }));
    }

    [Fact]
    public async Task UpdateChat_UnsetFields_AreCleared()
    {
        var before = await Client.CreateChatAsync(new CreateChatRequest
        {
            Model = "echo",
            Config = new GenerateContentConfig { Seed = 1 },
            DisplayName = "old",
            Labels = { ["a"] = "1" },
        });

        var after = await Client.UpdateChatAsync(new UpdateChatRequest
        {
            Chat = new Chat { Name = before.Name },
            UpdateMask = new FieldMask { Paths = { "config", "display_name", "labels" } },
        });

        Assert.Null(after.Config);
        Assert.Equal("", after.DisplayName);
        Assert.Empty(after.Labels);
        Assert.Equal("echo", after.Model);
    }

    [Fact]
    public async Task DeleteChat_Twice_IsNotFoundUnlessAllowed()
    {
        var chat = await Server.NewChatAsync("echo", Notation.Parse(["u[a]"]));
        var request = new DeleteChatRequest { Name = chat.Name };

        await Client.DeleteChatAsync(request);

        var failure = await Failure.OfAsync(Client.DeleteChatAsync(request));
        Assert.Equal((StatusCode.NotFound, "CHAT_NOT_FOUND"), (failure.Code, failure.Reason));
        request.AllowMissing = true;
        await Client.DeleteChatAsync(request);
        Assert.Equal(StatusCode.NotFound, (await Failure.OfAsync(Client.GetChatAsync(new GetChatRequest { Name = chat.Name }))).Code);
    }

    [Fact]
    public async Task CreateChat_IdOfADeletedChat_StartsEmpty()
    {
        var chat = await Server.NewChatAsync("echo", Notation.Parse(["u[a]", "m[b]"]));
        var turn = (await chat.SendAsync("hi")).Turn;
        await Client.DeleteChatAsync(new DeleteChatRequest { Name = chat.Name });

        await Client.CreateChatAsync(new CreateChatRequest { Model = "echo", ChatId = chat.Name["chats/".Length..] });

        Assert.Empty(await chat.HistoryAsync());
        Assert.Equal(StatusCode.NotFound, (await Failure.OfAsync(chat.Read(turn.TurnId))).Code);
        Assert.Equal(1, (await chat.SendAsync("hi")).Turn.Revision);
    }

    private static Chat Only(Chat chat, string path)
    {
        var only = new Chat();
        switch (path)
        {
            case "model":
                only.Model = chat.Model;
                break;
            case "config":
                only.Config = chat.Config;
                break;
            case "display_name":
                only.DisplayName = chat.DisplayName;
                break;
            default:
                only.Labels.Add(chat.Labels);
                break;
        }

        return only;
    }
}
