using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    private const string OtherOwner = "owner-b";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Start_FirstPendingTurn_RunsWithTheAttempt()
    {
        await CreateAsync(Make.Queued(1), Make.Queued(2));

        await Store.StartAsync(Key, new StartStep(1, "turn-1", 1, 0, Make.Owner, 0, Make.After(50)));

        var expected = Make.Queued(1) with { State = TurnState.Running, Attempt = 1, UsedAttempts = 0, Owner = Make.Owner, StartTime = Make.After(50) };
        Assert.Equal([Render.Of(expected), Render.Of(Make.Queued(2))], (await LoadAsync()).Pending.Select(Render.Of));
        Assert.Equal(Render.Of(Make.Chat(Key)), Render.Of((await LoadAsync()).Chat));
    }

    [Fact]
    public async Task Start_NotTheFirstPendingTurn_Conflicts()
    {
        await CreateAsync(Make.Queued(1), Make.Queued(2));

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(2)));
        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(3)));
    }

    [Fact]
    public async Task Start_EndedTurnOrNoSuchChat_Conflicts()
    {
        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1)));
        await CreateAsync(Make.Ended(1, revision: 0));

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Start_AttemptDoesNotFollow_Conflicts(int attempt)
    {
        await CreateAsync(Make.Running(1));

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1, attempt)));
    }

    [Fact]
    public async Task Start_OtherRevision_Conflicts()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Queued(2));

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(2, revision: 0)));
        await Store.StartAsync(Key, Make.Start(2, revision: 1));
    }

    [Fact]
    public async Task Start_OwnerLives_ConflictsForOthersOnly()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1, attempt: 2, OtherOwner)));
        await Store.StartAsync(Key, Make.Start(1, attempt: 2, Make.Owner));
    }

    [Fact]
    public async Task Start_OwnerIsGone_TakesTheTurnOver()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));
        Clock.Advance(Lifetime + TimeSpan.FromTicks(1));

        await Store.StartAsync(Key, new StartStep(1, "turn-1", 2, 1, OtherOwner, 0, Make.After(60)));

        var expected = Make.Running(1) with { Attempt = 2, UsedAttempts = 1, Owner = OtherOwner, StartTime = Make.After(60) };
        Assert.Equal(Render.Of(expected), Render.Of(await TurnAsync(1)));
    }

    [Fact]
    public async Task Start_ByManyAtOnce_OneStarts()
    {
        await CreateAsync(Make.Queued(1));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Store.HeartbeatAsync($"owner-{i}", Lifetime)));

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => Record.ExceptionAsync(() => Store.StartAsync(Key, Make.Start(1, owner: $"owner-{i}"))))));

        var winner = Array.FindIndex(results, exception => exception is null);
        Assert.Equal(19, results.Count(exception => exception is ChatConflictException));
        Assert.Equal($"owner-{winner}", (await TurnAsync(1)).Owner);
    }

    [Fact]
    public async Task End_RunningTurn_IsRecordedAndMovesTheHead()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await Store.EndAsync(Key, Make.End(1));

        var expected = Make.Running(1) with
        {
            State = TurnState.Completed,
            Owner = null,
            Revision = 1,
            Curated = true,
            EndTime = Make.After(201),
            Outcome = Make.Outcome("answer 1"),
        };
        Assert.Equal(Render.Of(expected), Render.Of(await TurnAsync(1)));
        Assert.Equal(Render.Of(new LogPage([expected], 1, false, Make.Incarnation)), Render.Of(await LogAsync()));
        var snapshot = await LoadAsync();
        Assert.Equal(2, Assert.Single(snapshot.Pending).Sequence);
        Assert.Equal(
            Render.Of(Make.Chat(Key) with { Revision = 1, TurnCount = 1, StoredBytes = 117, TotalUsage = Make.Usage(1), UpdateTime = Make.After(1000) }),
            Render.Of(snapshot.Chat));
    }

    [Fact]
    public async Task End_NotRecorded_MovesOnlyTheUsage()
    {
        await CreateAsync(Make.Running(1));

        await Store.EndAsync(Key, Make.End(1, recorded: false));

        var snapshot = await LoadAsync();
        Assert.Equal(Render.Of(Make.Chat(Key) with { TotalUsage = Make.Usage(1) }), Render.Of(snapshot.Chat));
        Assert.Empty(snapshot.Pending);
        Assert.Empty((await LogAsync()).Turns);
        var turn = await TurnAsync(1);
        Assert.Equal((TurnState.Cancelled, 0L, false), (turn.State, turn.Revision, turn.Curated));
        Assert.Equal(Make.Outcome("answer 1"), turn.Outcome);
    }

    [Fact]
    public async Task End_QueuedTurn_NeedsNoOwner()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await Store.EndAsync(Key, Make.End(2, attempt: 0, owner: null, recorded: false));

        Assert.Equal(TurnState.Cancelled, (await TurnAsync(2)).State);
        Assert.Equal(1, Assert.Single((await LoadAsync()).Pending).Sequence);
    }

    [Fact]
    public async Task End_RecordedBehindAPendingTurn_Conflicts()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(2, attempt: 0, owner: null)));
    }

    [Fact]
    public async Task End_OtherAttemptOrOwner_Conflicts()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, attempt: 0)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, attempt: 2)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, owner: OtherOwner)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, owner: null)));
        Clock.Advance(Lifetime * 2);
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, owner: OtherOwner)));
    }

    [Fact]
    public async Task End_TurnWasReleasedSinceItWasRead_Conflicts()
    {
        await CreateAsync(Make.Running(1));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1) with { IsRunning = false }));
        await Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner));

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, owner: null, recorded: false)));

        await Store.EndAsync(Key, Make.End(1, owner: null, recorded: false) with { IsRunning = false });
        Assert.Equal(TurnState.Cancelled, (await TurnAsync(1)).State);
    }

    [Fact]
    public async Task End_WithoutOwner_EndsTheTurnOfOneThatIsGone()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));
        Clock.Advance(Lifetime * 2);

        await Store.EndAsync(Key, Make.End(1, owner: null) with { State = TurnState.Failed });

        Assert.Equal(TurnState.Failed, (await TurnAsync(1)).State);
    }

    [Fact]
    public async Task End_OwnerWhoseBeatIsOld_StillEndsItsTurn()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));
        Clock.Advance(Lifetime * 2);

        await Store.EndAsync(Key, Make.End(1));

        Assert.Equal(1, (await TurnAsync(1)).Revision);
    }

    [Fact]
    public async Task End_OtherRevisionEndedTurnNoTurnOrNoChat_Conflicts()
    {
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1)));
        await CreateAsync(Make.Running(1));

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, revision: 1)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(2)));
        await Store.EndAsync(Key, Make.End(1));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, revision: 1)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1, owner: null, revision: 1)));
    }

    [Fact]
    public async Task End_WithAPendingState_IsRefused()
    {
        await CreateAsync(Make.Running(1));

        await Assert.ThrowsAsync<ArgumentException>(() => Store.EndAsync(Key, Make.End(1) with { State = TurnState.Queued }));

        Assert.Single((await LoadAsync()).Pending);
    }

    [Fact]
    public async Task Release_RunningTurn_IsQueuedAndKeepsItsAttempt()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner));

        Assert.Equal(Render.Of(Make.Queued(1) with { Attempt = 1 }), Render.Of(await TurnAsync(1)));
        await Store.StartAsync(Key, Make.Start(1, attempt: 2, OtherOwner));
        Assert.Equal(OtherOwner, (await TurnAsync(1)).Owner);
    }

    [Fact]
    public async Task Release_OtherAttemptOwnerOrState_Conflicts()
    {
        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner)));
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 2, Make.Owner)));
        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, OtherOwner)));
        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(2, "turn-2", 0, Make.Owner)));
        await Store.EndAsync(Key, Make.End(1));
        await AssertConflictAsync(() => Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner)));
    }
}
