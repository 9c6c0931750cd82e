using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>A chat is deleted and created again under its name while something of the first one is still under way.</summary>
public sealed class IncarnationTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _first;
    private readonly TestServer _second;

    public IncarnationTests() => (_first, _second) = (_world.NewServer(), _world.NewServer());

    [Fact]
    public async Task End_OfTheDeletedChatsTurn_DoesNotReachTheNewChat()
    {
        var old = await ChatWorld.NewChatAsync(_first);
        await old.SendAsync("u1");
        var oldCall = await _world.Model.NextCallAsync();
        var next = await _second.OpenAsync();
        await next.DeleteAsync();
        next = await ChatWorld.NewChatAsync(_second);
        var turn = await next.SendAsync("u2");
        var call = await _world.Model.NextCallAsync();

        oldCall.Finish("m1");
        await old.Ended;
        call.Finish("m2");

        Assert.Equal(Turn.Types.State.Completed, (await next.EndOfAsync(turn.TurnId)).State);
        Assert.Equal("u:u2 m:m2", await next.HistoryAsync());
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Orphan_OfTheDeletedChat_DoesNotStopTheNewChatsTurn()
    {
        var old = await ChatWorld.NewChatAsync(_first);
        await old.SendAsync("u1");
        var oldCall = await _world.Model.NextCallAsync();
        await old.DeleteAsync();
        await oldCall.Stopped;
        var next = await ChatWorld.NewChatAsync(_first);
        var turn = await next.SendAsync("u2");
        var call = await _world.Model.NextCallAsync();

        foreach (var orphan in _first.State.Orphans.Take())
        {
            await orphan.ReleaseAsync(_world.Store, _first.State.Owner);
            await next.WakeAsync();
        }

        call.Finish("m2");
        Assert.Equal(1, (await next.EndOfAsync(turn.TurnId)).Attempt);
        Assert.Equal(2, _world.Model.Calls);
    }

    [Fact]
    public async Task CreateAsync_TurnOfTheDeletedChatStillRunsHere_IsStopped()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var old = await chat.SendAsync("u1");
        var oldCall = await _world.Model.NextCallAsync();
        await (await _second.OpenAsync()).DeleteAsync();

        await chat.CreateAsync(ChatWorld.Creation());
        await oldCall.Stopped;
        await chat.Ended;

        chat = await _first.OpenAsync();
        Assert.Equal(Code.NotFound, (await Assert.ThrowsAsync<ChatException>(() => chat.GetTurnAsync(old.TurnId))).Code);
        var turn = await chat.SendAsync("u2");
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Revision);
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task DeleteAsync_SentAgain_LeavesTheNewChatAndItsTurnAlone()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        Assert.True(await chat.DeleteAsync("d1"));
        chat = await ChatWorld.NewChatAsync(_first);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();

        Assert.True(await chat.DeleteAsync("d1"));

        call.Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        Assert.True(await chat.DeleteAsync("d2"));
    }

    [Fact]
    public async Task GetHistoryAsync_TokenOfTheDeletedChat_InvalidPageToken()
    {
        var history = new[] { Messages.User("u0"), Messages.Model("m0") };
        var chat = await _world.NewChatAsync(history);
        var page = await PageAsync(chat, "");
        Assert.Single((await PageAsync(chat, page.NextPageToken)).History);
        await chat.DeleteAsync();
        chat = await _world.NewChatAsync(history);

        var failure = await Assert.ThrowsAsync<ChatException>(() => PageAsync(chat, page.NextPageToken));

        Assert.Equal((Code.InvalidArgument, "INVALID_PAGE_TOKEN"), (failure.Code, failure.Reason));
    }

    private static Task<GetHistoryResponse> PageAsync(TestSession chat, string token) =>
        chat.CallAsync(s => s.GetHistoryAsync(new GetHistoryRequest { PageSize = 1, PageToken = token }, CancellationToken.None));
}
