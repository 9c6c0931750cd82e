using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Chats that share turns.</content>
public abstract partial class ChatStoreConformance
{
    private static ChatKey ForkKey => Make.Key("fork");

    [Fact]
    public async Task Fork_AtATurn_HasTheTurnsUpToIt()
    {
        var chat = await SourceAsync();
        var step = chat.NewFork(3, ForkKey);

        var fork = await chat.ForkAsync(3, ForkKey);

        await fork.CheckAsync(1, 2, 3);
        Assert.Equal(
            Render.Of(step.Chat), Render.Of((await LoadAsync(ForkKey)).Chat));
        await fork.SendAsync();
        await fork.FailAsync();
        await fork.SendAsync();
        await fork.CheckAsync(1, 2, 3, 4, 5);
        await chat.SendAsync();
        await chat.CheckAsync(1, 2, 3, 4, 5, 6);
        await fork.CheckAsync(1, 2, 3, 4, 5);
    }

    [Fact]
    public async Task Fork_AtTheInitialHistory_HasItAlone()
    {
        var chat = await SourceAsync();
        var fork = await chat.ForkAsync(0, ForkKey);
        await fork.CheckAsync();
        await fork.SendAsync();
        await fork.CheckAsync(1);

        var empty = await TreeChat.CreateAsync(Store, Make.Key("empty"));
        var other = await empty.ForkAsync(0, Make.Key("other"));
        await other.CheckAsync();
        await other.SendAsync();
        await other.CheckAsync(1);
    }

    [Fact]
    public async Task Fork_OfABranch_HasNoOtherBranches()
    {
        var chat = await SourceAsync();
        await chat.SendAsync(after: 2);
        await chat.SendAsync();
        await chat.SendAsync(after: 6);
        await chat.CheckAsync(1, 2, 6, 8);

        var fork = await chat.ForkAsync(7, ForkKey);

        await fork.CheckAsync(1, 2, 6, 7);
        await fork.MoveAsync(1);
        await fork.SendAsync();
        await fork.SendAsync(after: 6);
        await fork.CheckAsync(1, 2, 6, 10);
        Assert.Null(await Store.FindTurnAsync(ForkKey, (await TurnOfAsync(chat, 3)).TurnId, CancellationToken.None));
        Assert.Null(await Store.FindRevisionAsync(ForkKey, 3, SequenceRange.All, CancellationToken.None));
    }

    [Fact]
    public async Task Accept_IdsOfASharedTurn_OnlyTheRequestIdIsFree()
    {
        var chat = await SourceAsync();
        var fork = await chat.ForkAsync(3, ForkKey);
        var shared = await TurnOfAsync(chat, 2);
        var turn = Make.Queued(fork.LastSequence + 1);

        await Assert.ThrowsAsync<ChatConflictException>(() => Store.AcceptAsync(ForkKey, Make.Accept(turn with { TurnId = shared.TurnId })));

        Assert.Null(await Store.AcceptAsync(ForkKey, Make.Accept(turn with { RequestId = shared.RequestId })));
        Assert.Equal(turn.TurnId, (await Store.FindRequestAsync(ForkKey, shared.RequestId, CancellationToken.None))?.TurnId);
    }

    [Fact]
    public async Task Fork_SharedTurns_KeepTheirIdsWithoutRequestIds()
    {
        var chat = await SourceAsync();
        await chat.ForkAsync(3, ForkKey);
        var shared = await TurnOfAsync(chat, 2);

        Assert.Equal(shared.Input, await Store.ReadInputAsync(ForkKey, shared.TurnId, CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(ForkKey, shared.RequestId, CancellationToken.None));
        Assert.Null(await Store.FindTurnAsync(ForkKey, "", CancellationToken.None));
        Assert.NotNull(await Store.FindRequestAsync(Key, shared.RequestId, CancellationToken.None));

        // The source has another turn with the same number and ID.
        await Store.AcceptAsync(ForkKey, Make.Accept(Make.Queued(6, shared.RequestId, text: "in the fork")));
        Assert.Equal("in the fork", (await Store.ReadInputAsync(ForkKey, "turn-6", CancellationToken.None))!.Message.Parts[0].Text);
        Assert.Equal(TurnState.Queued, (await Store.FindRequestAsync(ForkKey, shared.RequestId, CancellationToken.None))!.State);
    }

    [Fact]
    public async Task Fork_SourceDeleted_IsWhole()
    {
        var chat = await SourceAsync();
        var fork = await chat.ForkAsync(3, ForkKey);
        await fork.SendAsync();

        await Store.DeleteAsync(Key);
        await fork.CheckAsync(1, 2, 3, 4);
        var next = await SourceAsync();
        await next.SendAsync(after: 1);
        await fork.CheckAsync(1, 2, 3, 4);
        await next.CheckAsync(1, 6);
    }

    [Fact]
    public async Task Fork_OfAForkOfAFork_IsWholeWhicheverIsDeleted()
    {
        var chat = await SourceAsync();
        var first = await chat.ForkAsync(4, Make.Key("first"));
        await first.SendAsync();
        await first.SendAsync();
        var second = await first.ForkAsync(6, Make.Key("second"));
        await second.SendAsync();
        await second.SendAsync(after: 5);
        var third = await second.ForkAsync(8, Make.Key("third"));
        await third.SendAsync();
        await third.CheckAsync(1, 2, 3, 4, 5, 8, 9);

        await Store.DeleteAsync(first.Key);
        await third.CheckAsync(1, 2, 3, 4, 5, 8, 9);
        await second.CheckAsync(1, 2, 3, 4, 5, 8);
        await Store.DeleteAsync(Key);
        await Store.DeleteAsync(second.Key);
        await third.CheckAsync(1, 2, 3, 4, 5, 8, 9);
        await third.MoveAsync(2);
        await third.SendAsync();
        await third.CheckAsync(1, 2, 11);
        Assert.Equal(["third"], Ids(await Store.ListAsync(new ChatListQuery(Key.Tenant, [], 10, null), CancellationToken.None)));
    }

    [Fact]
    public async Task Fork_ExistingChat_IsReturnedWhateverThePreconditions()
    {
        var chat = await SourceAsync();
        var step = chat.NewFork(3, ForkKey);
        await Store.ApplyAsync(ForkKey, step);
        await Store.DeleteAsync(Key);

        var again = await Store.ApplyAsync(ForkKey, step with { MaxChats = 0 });

        Assert.Equal(Render.Of(step.Chat), Render.Of(again.ExistingChat));
    }

    [Fact]
    public async Task Fork_SourceDoesNotHaveThePath_IsRefused()
    {
        var chat = await SourceAsync();
        var step = chat.NewFork(3, ForkKey);

        await AssertConflictAsync(() => Store.ApplyAsync(ForkKey, step with { SourceIncarnation = "another" }));
        await AssertConflictAsync(() => Store.ApplyAsync(ForkKey, step with { Source = Make.Key("missing") }));
        await AssertConflictAsync(() => Store.ApplyAsync(ForkKey, step with { Path = [new SequenceRange(1, 100)] }));
        await AssertConflictAsync(() => Store.ApplyAsync(ForkKey, step with { Path = [new SequenceRange(1, 2), new SequenceRange(4, 100)] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ApplyAsync(ForkKey, step with { Path = [new SequenceRange(4, 5), new SequenceRange(1, 2)] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ApplyAsync(Make.Key("other"), step));
        Assert.Null(await Store.LoadAsync(ForkKey, CancellationToken.None));
        Assert.Null((await Store.ApplyAsync(ForkKey, step)).ExistingChat);
    }

    [Fact]
    public async Task Fork_TenantHasTheMaximumNumberOfChats_IsRefused()
    {
        var chat = await SourceAsync();

        await Assert.ThrowsAsync<ChatLimitException>(() => Store.ApplyAsync(ForkKey, chat.NewFork(3, ForkKey, maxChats: 1)));
        Assert.Null((await Store.ApplyAsync(ForkKey, chat.NewFork(3, ForkKey, maxChats: 2))).ExistingChat);
        await Assert.ThrowsAsync<ChatLimitException>(() => Store.CreateAsync(Make.Create(Make.Key("third"), maxChats: 2)));
        await Store.DeleteAsync(ForkKey);
        Assert.Null((await Store.ApplyAsync(ForkKey, chat.NewFork(3, ForkKey, maxChats: 2))).ExistingChat);
    }

    [Fact]
    public async Task Fork_NextTurn_HasTheNumberAfterThePath()
    {
        var chat = await SourceAsync();
        await chat.ForkAsync(3, ForkKey);
        var last = chat.SequenceOf(3);

        await Assert.ThrowsAsync<ChatConflictException>(() => Store.AcceptAsync(ForkKey, Make.Accept(Make.Queued(1))));
        await Assert.ThrowsAsync<ChatConflictException>(() => Store.AcceptAsync(ForkKey, Make.Accept(Make.Queued(last + 2))));
        Assert.Null(await Store.AcceptAsync(ForkKey, Make.Accept(Make.Running(last + 1))));
        Assert.Equal(last + 1, (await LoadAsync(ForkKey)).LastSequence);
        Assert.Equal(last + 1, Assert.Single((await LoadAsync(ForkKey)).Pending).Sequence);
        await Store.KeepProgressAsync(ForkKey, Make.Progress(last + 1));
        Assert.Single(await Store.ReadProgressAsync(ForkKey, Make.Queued(last + 1).TurnId, CancellationToken.None));
    }

    [Fact]
    public async Task Fork_InAnExchange_ClosesItsTurns()
    {
        await CreateAsync();
        var open = Make.Accept(Make.Ended(1, revision: 1) with { Curated = false });
        await Store.AcceptAsync(Key, open with { Head = open.Head! with { OpenSequence = 1 } });
        var chat = Make.Chat(ForkKey) with { Revision = 1, TurnCount = 1, OpenSequence = 1, Incarnation = "fork" };
        await Store.ApplyAsync(ForkKey, new ForkStep(chat, Key, Make.Incarnation, [new SequenceRange(1, 1)], 10));
        Assert.Equal(1, (await LoadAsync(ForkKey)).Chat.OpenSequence);

        var close = Make.Accept(Make.Ended(2, revision: 2));
        await Store.AcceptAsync(ForkKey, close with { Head = close.Head! with { OpenSequence = 0, Closes = [1] } });

        Assert.Equal(0, (await LoadAsync(ForkKey)).Chat.OpenSequence);
        Assert.All((await LogAsync(ForkKey)).Turns, turn => Assert.True(turn.Curated));
    }

    [Fact]
    public async Task Fork_ManyAtOnceWhileTheSourceChanges_AreWhole()
    {
        var chat = await SourceAsync();
        var steps = Enumerable.Range(0, 20).Select(i => chat.ForkAsync((i % 5) + 1, Make.Key($"fork-{i}"))).ToList();
        await chat.SendAsync();

        var forks = await Task.WhenAll(steps);
        await Store.DeleteAsync(Key);

        for (var i = 0; i < forks.Length; i++)
        {
            await forks[i].CheckAsync([.. Enumerable.Range(1, (i % 5) + 1).Select(revision => (long)revision)]);
        }
    }

    /// <summary>Returns a chat with an initial history, five turns in its history, and others.</summary>
    private async Task<TreeChat> SourceAsync()
    {
        var chat = await TreeChat.CreateAsync(Store, Key, pieces: 1);
        await chat.SendAsync();
        await chat.SendAsync();
        await chat.FailAsync();
        await chat.SendAsync();
        await chat.FailAsync();
        await chat.SendAsync();
        await chat.SendAsync();
        return chat;
    }

    private async Task<LogPage> LogAsync(ChatKey key) => (await Store.ReadLogAsync(key, new LogRange(0, 1000, long.MaxValue), CancellationToken.None))!;

    private async Task<TurnRecord> TurnOfAsync(TreeChat chat, long revision) =>
        (await Store.FindWholeTurnAsync(chat.Key, Make.Queued(chat.SequenceOf(revision)).TurnId, CancellationToken.None))!;
}
