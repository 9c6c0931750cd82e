using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Heads that move, and branches.</content>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Move_ToEachTurn_HistoryIsThePathToIt()
    {
        var chat = await TreeChat.CreateAsync(Store, Key, pieces: 2);
        for (var i = 1; i <= 4; i++)
        {
            await chat.SendAsync();
        }

        await chat.CheckAsync(1, 2, 3, 4);
        await chat.MoveAsync(2);
        await chat.CheckAsync(1, 2);
        await chat.MoveAsync(0);
        await chat.CheckAsync();
        await chat.MoveAsync(4);
        await chat.CheckAsync(1, 2, 3, 4);
        Assert.Equal((7, Make.After(1006)), ((await LoadAsync()).Chat.Revision, (await LoadAsync()).Chat.UpdateTime));
    }

    [Fact]
    public async Task Send_AfterAnEarlierTurn_BeginsABranch()
    {
        var chat = await TreeChat.CreateAsync(Store, Key, pieces: 1);
        await chat.SendAsync();
        await chat.SendAsync();
        await chat.FailAsync();
        await chat.SendAsync(after: 1);
        await chat.CheckAsync(1, 3);
        await chat.SendAsync();
        await chat.SendAsync(after: 0);
        await chat.CheckAsync(5);
        await chat.FailAsync();
        await chat.SendAsync(after: 3);
        await chat.CheckAsync(1, 3, 6);

        await chat.MoveAsync(2);
        await chat.SendAsync();
        await chat.CheckAsync(1, 2, 8);
    }

    [Fact]
    public async Task Move_SameRequestAgain_ReturnsTheEntry()
    {
        var chat = await TreeChat.CreateAsync(Store, Key);
        await chat.SendAsync();
        await chat.SendAsync();
        var move = chat.NewMove(1);
        await chat.MoveAsync(1);
        await chat.SendAsync();
        await chat.CheckAsync(1, 4);

        var known = await Store.AcceptAsync(Key, move);

        Assert.Equal(Render.Of(move.Turn), Render.Of(known));
        Assert.Equal(Render.Of(move.Turn), Render.Of(await Store.FindRequestAsync(Key, move.Turn.RequestId, CancellationToken.None)));
        await chat.CheckAsync(1, 4);
    }

    [Fact]
    public async Task Move_WhileATurnIsPendingOrTheChatChanged_IsRefused()
    {
        var chat = await TreeChat.CreateAsync(Store, Key);
        await chat.SendAsync();
        await chat.SendAsync();
        var move = chat.NewMove(1);

        await AssertConflictAsync(() => Store.AcceptAsync(Key, move with { Head = move.Head! with { ExpectedRevision = 1 } }));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, move with { Version = 2 }));
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(3)));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, chat.NewMove(1) with { Turn = move.Turn with { Sequence = 4, TurnId = "move", RequestId = "move" } }));
    }

    [Fact]
    public async Task Move_WithoutATreeOrACount_IsRefused()
    {
        var chat = await TreeChat.CreateAsync(Store, Key);
        await chat.SendAsync();
        var move = chat.NewMove(0);

        await Assert.ThrowsAsync<ArgumentException>(() => Store.AcceptAsync(Key, move with { Head = move.Head! with { Tree = null } }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AcceptAsync(Key, move with { Head = move.Head! with { TurnCount = null } }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AcceptAsync(Key, move with { Head = null }));
        await chat.CheckAsync(1);
    }

    [Fact]
    public async Task Move_IntoAnExchange_OpensItAgain()
    {
        await CreateAsync();
        var open = Make.Accept(Make.Ended(1, revision: 1) with { Curated = false });
        var close = Make.Accept(Make.Ended(2, revision: 2));
        await Store.AcceptAsync(Key, open with { Head = open.Head! with { OpenSequence = 1 } });
        await Store.AcceptAsync(Key, close with { Head = close.Head! with { OpenSequence = 0, Closes = [1] } });
        var entry = Make.Ended(3, revision: 0) with { Input = new TurnInput { Move = new TurnInput.Types.Move { Revision = 1 } } };
        var head = Make.Change(2) with { Recorded = false, Moves = true, Tree = TreeWithHead(1, 1, 2), TurnCount = 1, OpenSequence = 1 };

        await Store.AcceptAsync(Key, Make.Accept(entry) with { Head = head });

        Assert.Equal((3, 1, 1), ((await LoadAsync()).Chat.Revision, (await LoadAsync()).Chat.TurnCount, (await LoadAsync()).Chat.OpenSequence));
    }

    [Fact]
    public async Task Delete_ChatWithATree_NextChatHasNone()
    {
        var chat = await TreeChat.CreateAsync(Store, Key);
        await chat.SendAsync();
        await chat.MoveAsync(0);
        await Store.DeleteAsync(Key);

        var next = await TreeChat.CreateAsync(Store, Key);
        await next.SendAsync();
        await next.CheckAsync(1);
    }

    [Fact]
    public async Task List_ChatsWithTrees_HaveThem()
    {
        var chat = await TreeChat.CreateAsync(Store, Key);
        await chat.SendAsync();
        await chat.MoveAsync(0);

        var listed = Assert.Single((await Store.ListAsync(new ChatListQuery(Key.Tenant, [], 10, null), CancellationToken.None)).Chats);

        Assert.Equal(0, listed.Chat.Tree!.Head.Revision);
        Assert.Equal((2, 2, 0), (listed.LastSequence, listed.Chat.Revision, listed.Chat.TurnCount));
    }

    [Fact]
    public async Task Branches_Many_CostNoTurns()
    {
        var chat = await TreeChat.CreateAsync(Store, Key, pieces: 1);
        await chat.SendAsync();
        for (var i = 0; i < 60; i++)
        {
            await chat.SendAsync(after: i % 2 == 0 ? 1 : null);
        }

        await chat.CheckAsync(1, 60, 61);
    }

    private static ChatTree TreeWithHead(long sequence, long revision, long last) =>
        new() { Head = new ChatTree.Types.Head { Sequence = sequence, Revision = revision, LastRevision = last } };
}
