using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Turns that are erased.</content>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Erase_AfterATurn_LeavesThePathToIt()
    {
        var chat = await SourceAsync();
        await chat.SendAsync(after: 2);
        var erased = await TurnOfAsync(chat, 4);

        await chat.MoveAsync(3, erase: true);

        await chat.CheckAsync(1, 2, 3);
        Assert.Equal(["", "turn-2", "turn-3", "turn-4", "turn-5", "turn-10"], (await WholeAsync(Key)).Select(turn => turn.TurnId));
        Assert.Null(await Store.FindTurnAsync(Key, erased.TurnId, CancellationToken.None));
        Assert.Null(await Store.ReadInputAsync(Key, erased.TurnId, CancellationToken.None));
        Assert.Null(await Store.FindRevisionAsync(Key, 4, SequenceRange.All, CancellationToken.None));
        await chat.SendAsync();
        await chat.SendAsync();
        await chat.SendAsync(after: 2);
        await chat.CheckAsync(1, 2, 10);
        await chat.MoveAsync(9);
        await chat.CheckAsync(1, 2, 3, 8, 9);
    }

    [Fact]
    public async Task Erase_AllTurns_LeavesTheInitialHistory()
    {
        var chat = await SourceAsync();
        await chat.MoveAsync(0, erase: true);
        await chat.CheckAsync();
        await chat.SendAsync();
        await chat.CheckAsync(7);

        var other = await TreeChat.CreateAsync(Store, Make.Key("other"));
        await other.SendAsync();
        await other.MoveAsync(0, erase: true);
        await other.CheckAsync();
        await other.SendAsync();
        await other.CheckAsync(3);
    }

    [Fact]
    public async Task Erase_Twice_LeavesWhatBothKeep()
    {
        var chat = await SourceAsync();
        await chat.MoveAsync(4, erase: true);
        await chat.SendAsync();
        await chat.SendAsync(after: 2);
        await chat.CheckAsync(1, 2, 8);

        await chat.MoveAsync(7, erase: true);

        await chat.CheckAsync(1, 2, 3, 4, 7);
        await chat.MoveAsync(1, erase: true);
        await chat.CheckAsync(1);
        Assert.Equal(["", "turn-2", "turn-13"], (await WholeAsync(Key)).Select(turn => turn.TurnId));
    }

    [Fact]
    public async Task Erase_RequestIdsOfErasedTurns_StayInUse()
    {
        var chat = await SourceAsync();
        var erased = await TurnOfAsync(chat, 4);
        var move = chat.NewMove(3, erase: true);
        await chat.MoveAsync(3, erase: true);

        var found = await Store.FindRequestAsync(Key, erased.RequestId, CancellationToken.None);
        Assert.Equal((erased.TurnId, erased.Revision), (found!.TurnId, found.Revision));
        Assert.Equal(erased.RequestHash.ToArray(), found.RequestHash.ToArray());
        var known = await Store.AcceptAsync(Key, Make.Accept(Make.Queued(10, erased.RequestId)));
        Assert.Equal(erased.TurnId, known!.TurnId);

        // The entry itself remains.
        Assert.Equal(Render.Of(move.Turn), Render.Of(await Store.AcceptAsync(Key, move)));
        Assert.Equal(move.Turn.Input, await Store.ReadInputAsync(Key, move.Turn.TurnId, CancellationToken.None));
    }

    [Fact]
    public async Task Erase_RequestIdOfAnErasedTurnThatFailed_CanBeTaken()
    {
        var chat = await SourceAsync();
        await chat.MoveAsync(3, erase: true);
        var failed = Make.Ended(6, revision: 0);

        Assert.Null(await Store.AcceptAsync(Key, Make.Accept(Make.Queued(10, failed.RequestId)) with { Replaces = failed.TurnId }));

        Assert.Equal("turn-10", (await Store.FindRequestAsync(Key, failed.RequestId, CancellationToken.None))!.TurnId);
    }

    [Fact]
    public async Task Erase_WhileATurnIsPending_IsRefused()
    {
        var chat = await SourceAsync();
        var move = chat.NewMove(3, erase: true);
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(9)));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, move with { Turn = move.Turn with { Sequence = 10, TurnId = "move", RequestId = "move" } }));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, move with { Turn = move.Turn with { TurnId = "move", RequestId = "move" } }));
    }

    [Fact]
    public async Task Erase_TurnsThatAForkHas_StayInTheFork()
    {
        var chat = await SourceAsync();
        var fork = await chat.ForkAsync(5, ForkKey);
        var other = await fork.ForkAsync(4, Make.Key("other"));

        await chat.MoveAsync(1, erase: true);

        await chat.CheckAsync(1);
        await fork.CheckAsync(1, 2, 3, 4, 5);
        await fork.SendAsync();
        await fork.MoveAsync(2, erase: true);
        await fork.CheckAsync(1, 2);
        await other.CheckAsync(1, 2, 3, 4);
        await Store.DeleteAsync(Key);
        await Store.DeleteAsync(ForkKey);
        await other.CheckAsync(1, 2, 3, 4);
        await other.MoveAsync(3, erase: true);
        await other.SendAsync();
        await other.CheckAsync(1, 2, 3, 6);
    }

    [Fact]
    public async Task Fork_OfErasedTurns_IsRefused()
    {
        var chat = await SourceAsync();
        var step = chat.NewFork(4, ForkKey);
        await chat.MoveAsync(2, erase: true);

        await Assert.ThrowsAsync<ChatConflictException>(() => Store.ApplyAsync(ForkKey, step));
        var fork = await chat.ForkAsync(2, ForkKey);
        await fork.CheckAsync(1, 2);
        await chat.SendAsync();
        var other = await chat.ForkAsync(7, Make.Key("other"));
        await other.CheckAsync(1, 2, 7);
    }

    private async Task<IReadOnlyList<TurnRecord>> WholeAsync(ChatKey key) =>
        (await Store.ReadLogAsync(key, new LogRange(0, 1000, long.MaxValue) { Scope = LogScope.Whole }, CancellationToken.None))!.Turns;
}
