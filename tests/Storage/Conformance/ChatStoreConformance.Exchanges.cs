using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Turns that become curated with a later one, and what is kept of turns that run.</content>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Create_WithAnOpenExchange_KeepsWhereItBegins()
    {
        var step = Make.Create(Key, pieces: 3);

        await Store.CreateAsync(step with { Chat = step.Chat with { OpenSequence = 2 } });

        Assert.Equal(2, (await LoadAsync()).Chat.OpenSequence);
    }

    [Fact]
    public async Task End_OpensAnExchange_HeadSaysWhereItBegins()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));
        Assert.Equal(0, (await LoadAsync()).Chat.OpenSequence);

        await Store.EndAsync(Key, With(Make.End(1), open: 1) with { Curated = false });
        await Store.StartAsync(Key, Make.Start(2, revision: 1));
        await Store.EndAsync(Key, Make.End(2, revision: 1) with { Curated = false });

        Assert.Equal(1, (await LoadAsync()).Chat.OpenSequence);
        Assert.Equal([false, false], (await LogAsync()).Turns.Select(turn => turn.Curated));
    }

    [Fact]
    public async Task End_ClosesAnExchange_ItsTurnsAreCurated()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2), Make.Queued(3), Make.Queued(4));
        await Store.EndAsync(Key, With(Make.End(1), open: 1) with { Curated = false });
        for (var sequence = 2; sequence <= 3; sequence++)
        {
            await Store.StartAsync(Key, Make.Start(sequence, revision: sequence - 1));
            await Store.EndAsync(Key, Make.End(sequence, revision: sequence - 1) with { Curated = false });
        }

        await Store.StartAsync(Key, Make.Start(4, revision: 3));
        await Store.EndAsync(Key, With(Make.End(4, revision: 3), open: 0, closes: [1, 3]));

        Assert.Equal(0, (await LoadAsync()).Chat.OpenSequence);
        Assert.Equal([true, false, true, true], (await LogAsync()).Turns.Select(turn => turn.Curated));
        Assert.True((await TurnAsync(1)).Curated);
    }

    [Fact]
    public async Task End_ThatIsRefused_ClosesNothing()
    {
        await CreateAsync(Make.Ended(1, revision: 1) with { Curated = false }, Make.Running(2));

        await AssertConflictAsync(() => Store.EndAsync(Key, With(Make.End(2, revision: 0), open: 0, closes: [1])));
    }

    [Fact]
    public async Task Accept_RecordedTurn_OpensAndClosesExchanges()
    {
        await CreateAsync();
        var first = Make.Accept(Make.Ended(1, revision: 1) with { Curated = false });
        var second = Make.Accept(Make.Ended(2, revision: 2));

        await Store.AcceptAsync(Key, first with { Head = first.Head! with { OpenSequence = 1 } });
        Assert.Equal(1, (await LoadAsync()).Chat.OpenSequence);
        await Store.AcceptAsync(Key, second with { Head = second.Head! with { OpenSequence = 0, Closes = [1] } });

        Assert.Equal(0, (await LoadAsync()).Chat.OpenSequence);
        Assert.Equal([true, true], (await LogAsync()).Turns.Select(turn => turn.Curated));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Accept_ThatTakesARequestIdAndClosesAnExchange_ChangesTheTurnsOfBoth(int between)
    {
        await CreateAsync();
        var open = Make.Accept(Make.Ended(1, revision: 1) with { Curated = false });
        await Store.AcceptAsync(Key, open with { Head = open.Head! with { OpenSequence = 1 } });
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(2, revision: 0)));
        foreach (var sequence in Enumerable.Range(3, between))
        {
            await Store.AcceptAsync(Key, Make.Accept(Make.Ended(sequence, revision: 0)));
        }

        var last = Make.Ended(3 + between, revision: 2) with { RequestId = Make.Queued(2).RequestId };
        var accept = Make.Accept(last) with { Replaces = Make.Queued(2).TurnId };
        Assert.Null(await Store.AcceptAsync(Key, accept with { Head = accept.Head! with { OpenSequence = 0, Closes = [1] } }));

        Assert.Equal([true, true], (await LogAsync()).Turns.Select(turn => turn.Curated));
        Assert.Equal("", (await TurnAsync(2)).RequestId);
        Assert.Equal(last.TurnId, (await Store.FindRequestAsync(Key, last.RequestId, CancellationToken.None))!.TurnId);
    }

    [Fact]
    public async Task End_ThatClosesAPieceOfTheInitialHistory_CuratesIt()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 1));
        await Store.AcceptAsync(Key, Make.Accept(Make.Running(2)));
        Assert.False((await LogAsync()).Turns[0].Curated);

        await Store.EndAsync(Key, With(Make.End(2), open: 0, closes: [1]));

        Assert.All((await LogAsync()).Turns, turn => Assert.True(turn.Curated));
    }

    [Theory]
    [InlineData(2L, false)]
    [InlineData(1L, true)]
    [InlineData(null, true)]
    public async Task End_ThatOpensAnotherTurnOrClosesHalf_IsRefused(long? open, bool closes)
    {
        await CreateAsync(Make.Running(1));

        await Assert.ThrowsAsync<ArgumentException>(() => Store.EndAsync(Key, With(Make.End(1), open, closes ? [1] : [])));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.EndAsync(Key, With(Make.End(1, recorded: false), open: 0)));

        Assert.Single((await LoadAsync()).Pending);
    }

    [Fact]
    public async Task KeepProgress_RunningTurn_IsReadInOrderByTheNextAttempt()
    {
        await CreateAsync(Make.Running(1));
        Assert.Empty(await Store.ReadProgressAsync(Key, 1, CancellationToken.None));

        await Store.KeepProgressAsync(Key, Make.Progress(1));
        await Store.KeepProgressAsync(Key, Make.Progress(1, place: 1));
        await Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner));
        await Store.StartAsync(Key, Make.Start(1, attempt: 2, OtherOwner));
        await Store.KeepProgressAsync(Key, Make.Progress(1, place: 2, attempt: 2, OtherOwner));

        Assert.Equal(
            [Make.Progress("step 0"), Make.Progress("step 1"), Make.Progress("step 2")], await Store.ReadProgressAsync(Key, 1, CancellationToken.None));
        Assert.Null((await TurnAsync(1)).Outcome);
    }

    [Fact]
    public async Task KeepProgress_OtherAttemptOwnerPlaceOrState_Conflicts()
    {
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1)));
        await CreateAsync(Make.Running(1), Make.Queued(2));
        await Store.KeepProgressAsync(Key, Make.Progress(1));

        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1, place: 1, attempt: 2)));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1, place: 1, owner: OtherOwner)));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1, place: 0)));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1, place: 2)));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(2, attempt: 0)));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(3)));

        Assert.Equal([Make.Progress("step 0")], await Store.ReadProgressAsync(Key, 1, CancellationToken.None));
        await Store.EndAsync(Key, Make.End(1));
        await AssertConflictAsync(() => Store.KeepProgressAsync(Key, Make.Progress(1, place: 1)));
    }

    [Fact]
    public async Task End_WithProgress_RemovesIt()
    {
        await CreateAsync(Make.Running(1));
        await Store.KeepProgressAsync(Key, Make.Progress(1));

        await Store.EndAsync(Key, Make.End(1) with { HasProgress = true });

        Assert.Empty(await Store.ReadProgressAsync(Key, 1, CancellationToken.None));
        Assert.Equal(Make.Outcome("answer 1"), (await TurnAsync(1)).Outcome);
    }

    [Fact]
    public async Task ReadProgress_NoSuchChatOrTurn_IsEmpty()
    {
        Assert.Empty(await Store.ReadProgressAsync(Key, 1, CancellationToken.None));
        await CreateAsync(Make.Running(1));
        await Store.KeepProgressAsync(Key, Make.Progress(1));

        Assert.Empty(await Store.ReadProgressAsync(Key, 2, CancellationToken.None));
        await Store.DeleteAsync(Key);
        await CreateAsync(Make.Running(1));
        Assert.Empty(await Store.ReadProgressAsync(Key, 1, CancellationToken.None));
    }

    private static EndStep With(EndStep step, long? open, params long[] closes) =>
        step with { Head = step.Head with { OpenSequence = open, Closes = closes } };
}
