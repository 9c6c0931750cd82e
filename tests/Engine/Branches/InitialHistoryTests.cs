using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.V1;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Branches;

/// <summary>Branches and forks that follow the initial history, whatever turns there are or have been.</summary>
public sealed class InitialHistoryTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task Edit_FirstTurnIsPending_FollowsTheInitialHistory()
    {
        var chat = await _world.NewChatAsync(User("h0"), Model("h1"));
        await chat.SendAsync("u1");
        var edit = Send("e1");
        edit.AfterRevision = 0;
        await chat.SendAsync(edit);

        (await _world.Model.NextCallAsync()).Finish("m1");

        var call = await _world.Model.NextCallAsync();
        Assert.Equal("u:h0 m:h1 u:e1", call.Sent);
        call.Finish("n1");
    }

    [Fact]
    public async Task Rewind_FirstTurnWasErased_GoesToTheInitialHistory()
    {
        var chat = await NewChatAsync();
        await chat.RewindAsync(0, erase: true);
        await RecordAsync(chat, "u2");

        await chat.RewindAsync(0);

        Assert.Equal("u:h0 m:h1", await chat.HistoryAsync());
        await RecordAsync(chat, "u3");
        Assert.Equal("u:h0 m:h1 u:u3 m:a", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Fork_AllTurnsWereErased_HasTheInitialHistory()
    {
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);
        await chat.RewindAsync(0, erase: true);
        var fork = await server.OpenAsync("fork");

        await fork.ForkAsync(new ForkChatRequest { Name = "chats/chat", ChatId = "fork" }, ChatWorld.Key);

        Assert.Equal("u:h0 m:h1", await fork.HistoryAsync());
        await RecordAsync(fork, "u2");
        Assert.Equal("u:h0 m:h1 u:u2 m:a", await fork.HistoryAsync());
    }

    [Fact]
    public async Task Fork_OfAForkWithoutTheFirstTurn_HasTheInitialHistory()
    {
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);
        await chat.RewindAsync(0);
        await RecordAsync(chat, "u2");
        var fork = await server.OpenAsync("fork");
        await fork.ForkAsync(new ForkChatRequest { Name = "chats/chat", ChatId = "fork" }, ChatWorld.Key);
        await fork.RewindAsync(0);
        var second = await server.OpenAsync("second");

        await second.ForkAsync(new ForkChatRequest { Name = "chats/fork", ChatId = "second" }, new(ChatWorld.Tenant, "fork"));

        Assert.Equal("u:h0 m:h1", await second.HistoryAsync());
        await fork.RewindAsync(0, erase: true);
        Assert.Equal("u:h0 m:h1", await fork.HistoryAsync());
        Assert.Equal("u:h0 m:h1 u:u2 m:a", await chat.HistoryAsync());
    }

    [Fact]
    public async Task Rewind_NoInitialHistory_LeavesNothing()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        await RecordAsync(chat, "u1");

        await chat.RewindAsync(0);

        Assert.Equal("", await chat.HistoryAsync());
        Assert.Empty(await chat.ListTurnsAsync(new ListTurnsRequest()));
        var fork = await server.OpenAsync("fork");
        await fork.ForkAsync(new ForkChatRequest { Name = "chats/chat", ChatId = "fork" }, ChatWorld.Key);
        await RecordAsync(fork, "u2");
        Assert.Equal("u:u2 m:a", await fork.HistoryAsync());
    }

    [Fact]
    public async Task Send_TurnFailedBeforeTheCallsOfTheInitialHistoryWereAnswered_SendsTheCallsToo()
    {
        var chat = await _world.NewChatAsync(User("h0"), Model("h1"), User("h2"), Model(Call("f")));
        var failed = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("part");
        call.Fail(new InvalidOperationException());
        Assert.Equal(1, (await chat.EndOfAsync(failed.TurnId)).Revision);
        var answer = await chat.SendAsync(Send(User(Response("f"))));
        (await _world.Model.NextCallAsync()).Finish("m2");
        await chat.EndOfAsync(answer.TurnId);

        await chat.SendAsync("u3");

        Assert.Equal("u:h0 m:h1 u:h2 m:f? u:f! m:m2 u:u3", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Create_SessionOfADeletedChat_IsLeftToTheNextSession()
    {
        var chat = await _world.NewChatAsync();
        await chat.DeleteAsync();

        await Assert.ThrowsAsync<ChatConflictException>(() => chat.CreateAsync(ChatWorld.Creation()));
        await Assert.ThrowsAsync<ChatConflictException>(() => chat.ForkAsync(new ForkChatRequest { Name = "chats/other", ChatId = "chat" }, new(ChatWorld.Tenant, "other")));
    }

    [Fact]
    public async Task Send_AfterTheCallsOfTheInitialHistoryWereAnswered_SendsTheCallsToo()
    {
        var chat = await _world.NewChatAsync(User("h0"), Model("h1"), User("h2"), Model(Call("f")));
        await FinishAsync("u:h0 m:h1 u:h2 m:f? u:f!", Send(User(Response("f"))), "m1");

        await FinishAsync("u:h0 m:h1 u:h2 m:f? u:f! m:m1 u:u2", Send("u2"), "m2");

        async Task FinishAsync(string sent, SendMessageRequest request, string answer)
        {
            var turn = await chat.SendAsync(request);
            var call = await _world.Model.NextCallAsync();
            Assert.Equal(sent, call.Sent);
            call.Finish(answer);
            await chat.EndOfAsync(turn.TurnId);
        }
    }

    private Task<TestSession> NewChatAsync() => NewChatAsync(_world.NewServer());

    private static async Task<TestSession> NewChatAsync(TestServer server)
    {
        var chat = await ChatWorld.NewChatAsync(server, User("h0"), Model("h1"));
        await RecordAsync(chat, "u1");
        return chat;
    }

    private static async Task RecordAsync(TestSession chat, string text) => await chat.RecordAsync(Record(text, "a"));
}
