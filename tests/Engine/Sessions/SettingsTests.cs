using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using static GenAI.Chats.V1.SendMessageRequest.Types;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class SettingsTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task AcceptAsync_ConfigOfASend_IsForThatTurnAlone()
    {
        var chat = await _world.NewServer().OpenAsync();
        var chats = new GenerateContentConfig { Temperature = 1, Seed = 7 };
        var request = ChatWorld.Creation();
        request.Config = chats;
        await chat.CreateAsync(request);
        var own = new GenerateContentConfig { Temperature = 0 };

        await chat.SendAsync(new SendMessageRequest { Text = "u1", Config = own });
        await chat.SendAsync(new SendMessageRequest { Text = "u2", Config = own, ConfigMode = ConfigMode.Merge });
        await chat.SendAsync(new SendMessageRequest { Text = "u3" });

        Assert.Equal(own, await NextConfigAsync());
        Assert.Equal(new GenerateContentConfig { Temperature = 0, Seed = 7 }, await NextConfigAsync());
        Assert.Equal(chats, await NextConfigAsync());
        Assert.Equal(chats, (await chat.GetAsync()).Config);
    }

    [Fact]
    public async Task UpdateAsync_DuringARun_CountsForTheNextTurn()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        await chat.SendAsync("u2");
        var config = new GenerateContentConfig { Seed = 5 };

        var updated = await UpdateAsync(chat, new Chat { Model = ScriptedModel.OtherName, Config = config }, "model", "config");

        Assert.Equal((ScriptedModel.OtherName, config), (updated.Model, updated.Config));
        Assert.Equal((ScriptedModel.Name, null), (call.Request.Model, call.Request.Config));
        call.Finish("m1");
        call = await _world.Model.NextCallAsync();
        Assert.Equal((ScriptedModel.OtherName, config), (call.Request.Model, call.Request.Config));
        Assert.Equal("u:u1 m:m1 u:u2", call.Sent);
    }

    [Fact]
    public async Task UpdateAsync_Mask_ChangesWhatItListsAlone()
    {
        var chat = await _world.NewServer().OpenAsync();
        var request = ChatWorld.Creation();
        request.DisplayName = "before";
        request.Labels.Add("a", "b");
        await chat.CreateAsync(request);

        var updated = await UpdateAsync(chat, new Chat { DisplayName = "after", Labels = { ["c"] = "d" }, Model = "none" }, "labels");

        Assert.Equal("before", updated.DisplayName);
        Assert.Equal(new Dictionary<string, string> { ["c"] = "d" }, updated.Labels);
        Assert.Equal(ScriptedModel.Name, updated.Model);
        Assert.Equal("after", (await UpdateAsync(chat, new Chat { DisplayName = "after" }, "display_name")).DisplayName);
    }

    [Fact]
    public async Task UpdateAsync_UnknownModel_InvalidArgumentAndNothingChanges()
    {
        var chat = await _world.NewChatAsync();

        var values = new Chat { Model = "none", DisplayName = "x" };

        var failure = await Assert.ThrowsAsync<ChatException>(() => UpdateAsync(chat, values, "display_name", "model"));

        Assert.Equal((Code.InvalidArgument, "UNKNOWN_MODEL", "chat.model"), (failure.Code, failure.Reason, failure.Field));
        Assert.Equal("", (await chat.GetAsync()).DisplayName);
    }

    [Fact]
    public async Task CreateAsync_AgainWithTheSameRequestId_ShowsTheChat()
    {
        var chat = await _world.NewServer().OpenAsync();
        var request = ChatWorld.Creation(Messages.User("u"), Messages.Model("m"));
        request.RequestId = "c1";
        var created = await chat.CreateAsync(request);

        Assert.Equal(created, await chat.CreateAsync(request));

        request.DisplayName = "another";
        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.CreateAsync(request));
        Assert.Equal("REQUEST_ID_REUSED", failure.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2")]
    public async Task CreateAsync_ChatExists_AlreadyExists(string requestId)
    {
        var chat = await _world.NewChatAsync();
        var request = ChatWorld.Creation();
        request.RequestId = requestId;

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.CreateAsync(request));

        Assert.Equal((Code.AlreadyExists, "CHAT_EXISTS"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task CreateAsync_TooManyChats_ResourceExhausted()
    {
        var world = new ChatWorld(limits: new() { Default = new() { Chats = 1 } });
        var server = world.NewServer();
        await ChatWorld.NewChatAsync(server);
        var other = await server.OpenAsync("other");

        var failure = await Assert.ThrowsAsync<ChatException>(() => other.CreateAsync(ChatWorld.Creation()));

        Assert.Equal((Code.ResourceExhausted, "TOO_MANY_CHATS"), (failure.Code, failure.Reason));
        Assert.False(other.HasEnded);
    }

    [Fact]
    public async Task CreateAsync_InitialHistory_IsCuratedAsTheSdkDoes()
    {
        var chat = await _world.NewChatAsync(
            Messages.User("u1"), Messages.Model("m1"), Messages.User("u2"), Messages.Empty("model"), Messages.User("u3"));

        Assert.Equal("u:u1 m:m1 u:u2 m u:u3", await chat.HistoryAsync());
        Assert.Equal("u:u1 m:m1 u:u3", await chat.HistoryAsync(curated: true));
        Assert.Equal((0, 0), ((await chat.GetAsync()).Revision, (await chat.GetAsync()).TurnCount));
    }

    [Fact]
    public async Task DeleteAsync_DuringARun_StopsItAndTellsTheReaders()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var read = chat.ReadOnceAsync(turn.TurnId, afterOffset: 1);
        await chat.SettleAsync();

        Assert.True(await chat.DeleteAsync());

        await call.Stopped;
        Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => read)).Reason);
        await chat.Ended;
        await server.State.BeginDrain().WaitAsync(Patience.Limit);
        Assert.Null(await _world.Store.LoadAsync(ChatWorld.Key, CancellationToken.None));
        var next = await server.OpenAsync();
        Assert.False(next.Exists);
        Assert.False(await next.DeleteAsync());
    }

    [Fact]
    public async Task CreateAsync_ChatWasDeletedElsewhere_NothingOfTheOldOneIsSent()
    {
        var chat = await _world.NewChatAsync();
        for (var i = 1; i <= 2; i++)
        {
            var turn = await chat.SendAsync($"old{i}");
            (await _world.Model.NextCallAsync()).Finish("m");
            await chat.EndOfAsync(turn.TurnId);
        }

        var other = await _world.NewServer().OpenAsync();
        await other.DeleteAsync();
        _world.Time.Advance(TimeSpan.FromSeconds(1));

        await chat.CreateAsync(ChatWorld.Creation());
        await chat.SendAsync("new");

        Assert.Equal("u:new", (await _world.Model.NextCallAsync()).Sent);
    }

    private async Task<GenerateContentConfig?> NextConfigAsync()
    {
        var call = await _world.Model.NextCallAsync();
        call.Finish("m");
        return call.Request.Config;
    }

    private static Task<Chat> UpdateAsync(TestSession chat, Chat values, params string[] paths) => chat.CallAsync(s =>
        s.UpdateAsync(new UpdateChatRequest { Chat = values, UpdateMask = new FieldMask { Paths = { paths } } }));
}
