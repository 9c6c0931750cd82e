using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Accept_QueuedTurns_AreAppendedAndPending()
    {
        await CreateAsync(Make.Queued(1), Make.Queued(2));

        var snapshot = await LoadAsync();

        Assert.Equal(2, snapshot.LastSequence);
        Assert.Equal([Render.Of(Make.Queued(1)), Render.Of(Make.Queued(2))], snapshot.Pending.Select(Render.Of));
        Assert.Equal(Render.Of(Make.Chat(Key)), Render.Of(snapshot.Chat));
    }

    [Fact]
    public async Task Accept_RunningTurn_IsAppendedWithItsOwner()
    {
        await CreateAsync(Make.Running(1));

        Assert.Equal(Render.Of(Make.Running(1)), Render.Of(Assert.Single((await LoadAsync()).Pending)));
    }

    [Fact]
    public async Task Accept_AfterInitialHistory_FollowsIt()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 2));

        Assert.Null(await Store.AcceptAsync(Key, Make.Accept(Make.Queued(3))));

        Assert.Equal(3, (await LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Accept_RecordedTurn_MovesTheHeadWithTheSameCommit()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Ended(2, revision: 2));

        var snapshot = await LoadAsync();

        Assert.Empty(snapshot.Pending);
        var expected = Make.Chat(Key) with
        {
            Revision = 2,
            TurnCount = 2,
            StoredBytes = 17 + 100 + 101,
            TotalUsage = Make.Usage(2),
            UpdateTime = Make.After(1001),
        };
        Assert.Equal(Render.Of(expected), Render.Of(snapshot.Chat));
        Assert.Equal(Render.Of(new LogPage([Make.Ended(1, 1), Make.Ended(2, 2)], 2, false, Make.Incarnation)), Render.Of(await LogAsync()));
    }

    [Fact]
    public async Task Accept_EndedTurnThatIsNotRecorded_MayGrowTheChatAlone()
    {
        await CreateAsync();
        var change = Make.Change(0, recorded: false) with { StoredBytes = 5 };

        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, revision: 0)) with { Head = change });

        Assert.Equal(
            Render.Of(Make.Chat(Key) with { StoredBytes = 17 + 5, TotalUsage = change.TotalUsage }), Render.Of((await LoadAsync()).Chat));
    }

    [Fact]
    public async Task Accept_EndedTurnThatIsNotRecorded_LeavesTheHead()
    {
        await CreateAsync(Make.Ended(1, revision: 0));

        Assert.Equal(Render.Of(Make.Chat(Key)), Render.Of((await LoadAsync()).Chat));
        Assert.Equal(Render.Of(Make.Ended(1, revision: 0)), Render.Of(await TurnAsync(1)));
    }

    [Fact]
    public async Task Accept_NoSuchChat_Conflicts() =>
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Accept_NumberDoesNotFollow_Conflicts(long sequence)
    {
        await CreateAsync(Make.Queued(1));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(2) with { Sequence = sequence })));
    }

    [Fact]
    public async Task Accept_TurnIdIsTaken_Conflicts()
    {
        await CreateAsync(Make.Queued(1));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(2) with { TurnId = Make.Queued(1).TurnId })));
    }

    [Fact]
    public async Task Accept_OtherVersion_Conflicts()
    {
        await CreateAsync();

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1), version: 2)));
    }

    [Fact]
    public async Task Accept_ExpectedRevision_IsChecked()
    {
        await CreateAsync(Make.Ended(1, revision: 1));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(2)) with { ExpectedRevision = 0 }));
        Assert.Null(await Store.AcceptAsync(Key, Make.Accept(Make.Queued(2)) with { ExpectedRevision = 1 }));
    }

    [Fact]
    public async Task Accept_RecordedTurnAtAnotherRevision_Conflicts()
    {
        await CreateAsync(Make.Ended(1, revision: 1));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 1))));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 3))));
    }

    [Fact]
    public async Task Accept_RunningOrEndedTurnBehindAPendingOne_Conflicts()
    {
        await CreateAsync(Make.Queued(1));

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Running(2))));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 0))));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 1))));
    }

    [Fact]
    public async Task Accept_RequestIdIsTaken_ReturnsItsTurnWhateverElse()
    {
        await CreateAsync(Make.Running(1));

        var found = await Store.AcceptAsync(
            Key, Make.Accept(Make.Running(7) with { RequestId = Make.Queued(1).RequestId }, version: 9) with { ExpectedRevision = 9 });

        Assert.Equal(Render.Of(Make.Running(1)), Render.Of(found));
        Assert.Equal(1, (await LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Accept_RequestIdOfARecordedTurn_ReturnsItWithItsOutcome()
    {
        await CreateAsync(Make.Ended(1, revision: 1));

        var found = await Store.AcceptAsync(Key, Make.Accept(Make.Queued(2) with { RequestId = Make.Queued(1).RequestId }));

        Assert.Equal(Render.Of(Make.Ended(1, revision: 1)), Render.Of(found));
    }

    [Theory]
    [InlineData("request-x", "REQUEST-X")]
    [InlineData("\u00e9", "e\u0301")]
    [InlineData("a", "a ")]
    [InlineData("a", "a\0b")]
    [InlineData("\uFF21", "A")]
    public async Task Accept_RequestIdsThatOnlyLookAlike_AreDifferent(string first, string second)
    {
        await CreateAsync(Make.Queued(1, first), Make.Queued(2, second));

        Assert.Equal(first, (await Store.FindRequestAsync(Key, first, CancellationToken.None))?.RequestId);
        Assert.Equal(second, (await Store.FindRequestAsync(Key, second, CancellationToken.None))?.RequestId);
    }

    [Fact]
    public async Task Accept_EmptyRequestIds_AreNobodys()
    {
        await CreateAsync(Make.Queued(1, ""), Make.Queued(2, ""));

        Assert.Equal(2, (await LoadAsync()).Pending.Count);
        Assert.Null(await Store.FindRequestAsync(Key, "", CancellationToken.None));
    }

    [Fact]
    public async Task Accept_SameRequestIdInAnotherChat_IsAnotherTurn()
    {
        await CreateAsync(Make.Queued(1));
        var other = Make.Key("other");
        await Store.CreateAsync(Make.Create(other));

        Assert.Null(await Store.AcceptAsync(other, Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task Accept_ReplacesAnEndedTurn_TakesItsRequestId()
    {
        await CreateAsync(Make.Ended(1, revision: 0));
        var again = Make.Queued(2) with { RequestId = Make.Queued(1).RequestId };

        Assert.Null(await Store.AcceptAsync(Key, Make.Accept(again) with { Replaces = Make.Queued(1).TurnId }));

        Assert.Equal(Render.Of(again), Render.Of(await Store.FindRequestAsync(Key, again.RequestId, CancellationToken.None)));
        Assert.Equal(Render.Of(Make.Ended(1, revision: 0) with { RequestId = "" }), Render.Of(await TurnAsync(1)));
        Assert.Equal(Render.Of(again), Render.Of(await Store.AcceptAsync(Key, Make.Accept(again with { Sequence = 3 }))));
    }

    [Fact]
    public async Task Accept_ReplacesATurnThatHasTheRequestIdNoMore_ReturnsTheOneThatHasIt()
    {
        await CreateAsync(Make.Ended(1, revision: 0));
        var request = Make.Queued(1).RequestId;
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(2, request)) with { Replaces = Make.Queued(1).TurnId });

        var found = await Store.AcceptAsync(Key, Make.Accept(Make.Queued(3, request)) with { Replaces = Make.Queued(1).TurnId });

        Assert.Equal(2, found?.Sequence);
    }

    [Fact]
    public async Task Accept_ReplacesWhatMustStay_Conflicts()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Queued(2));

        await AssertConflictAsync(() => Store.AcceptAsync(
            Key, Make.Accept(Make.Queued(3, Make.Queued(1).RequestId)) with { Replaces = Make.Queued(1).TurnId }));
        await AssertConflictAsync(() => Store.AcceptAsync(
            Key, Make.Accept(Make.Queued(3, Make.Queued(2).RequestId)) with { Replaces = Make.Queued(2).TurnId }));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(3, "nobody's")) with { Replaces = Make.Queued(1).TurnId }));
    }

    [Fact]
    public async Task Accept_ByManyAtOnce_OneAppendsEachNumber()
    {
        await CreateAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Record.ExceptionAsync(
            () => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1, $"request-{i}") with { TurnId = $"turn-{i}" }))))));

        Assert.Single(results, exception => exception is null);
        Assert.Equal(19, results.Count(exception => exception is ChatConflictException));
        Assert.Single((await LoadAsync()).Pending);
    }

    [Fact]
    public async Task Accept_SameRequestByManyAtOnce_AllGetTheOneTurn()
    {
        await CreateAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1, "request") with { TurnId = $"turn-{i}" })))));

        var turn = Assert.Single((await LoadAsync()).Pending);
        Assert.Single(results, found => found is null);
        Assert.All(results.Where(found => found is not null), found => Assert.Equal(Render.Of(turn), Render.Of(found)));
    }

    [Fact]
    public async Task Accept_MisshapenStep_IsRefusedAndDoesNothing()
    {
        await CreateAsync();
        AcceptStep[] steps =
        [
            Make.Accept(Make.Queued(1) with { TurnId = "" }),
            Make.Accept(Make.Queued(1) with { State = TurnState.None }),
            Make.Accept(Make.Queued(1) with { Owner = Make.Owner }),
            Make.Accept(Make.Running(1) with { Owner = null }),
            Make.Accept(Make.Queued(1) with { Outcome = Make.Outcome("early") }),
            Make.Accept(Make.Ended(1, revision: 0) with { Outcome = null }),
            Make.Accept(Make.Ended(1, revision: 1)) with { Head = null },
            Make.Accept(Make.Ended(1, revision: 0)) with { Head = Make.Change(0) },
            Make.Accept(Make.Ended(1, revision: 1)) with { Head = Make.Change(5) },
            Make.Accept(Make.Queued(1, "")) with { Replaces = "turn" },
        ];

        foreach (var step in steps)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Store.AcceptAsync(Key, step));
        }

        Assert.Equal(0, (await LoadAsync()).LastSequence);
    }
}
