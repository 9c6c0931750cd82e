using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <summary>Turns that must stop.</summary>
public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task Stop_PendingTurn_IsKeptAndAHigherOneReplacesIt()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await StopAsync(1, TurnStop.Cancel);
        await StopAsync(2, TurnStop.RollBack);
        await StopAsync(2, TurnStop.Cancel);
        Assert.Equal([TurnStop.Cancel, TurnStop.RollBack], await StopsAsync());

        await StopAsync(1, TurnStop.RollBack);
        Assert.Equal([TurnStop.RollBack, TurnStop.RollBack], await StopsAsync());
    }

    [Fact]
    public async Task Stop_TurnIsNotPending_Conflicts()
    {
        await CreateAsync(Make.Ended(1, 1));

        await AssertConflictAsync(() => StopAsync(1, TurnStop.Cancel));
        await AssertConflictAsync(() => StopAsync(2, TurnStop.Cancel));
    }

    [Fact]
    public async Task Accept_StopsOthers_InTheSameCommit()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2), Make.Queued(3));
        await StopAsync(2, TurnStop.RollBack);

        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(4)) with { StopsOthers = TurnStop.Cancel });
        Assert.Equal([TurnStop.Cancel, TurnStop.RollBack, TurnStop.Cancel, TurnStop.None], await StopsAsync());

        // A request that is known stops nothing.
        await Store.AcceptAsync(Key, Make.Accept(Make.Queued(5, requestId: Make.Queued(4).RequestId)) with { StopsOthers = TurnStop.RollBack });
        Assert.Equal([TurnStop.Cancel, TurnStop.RollBack, TurnStop.Cancel, TurnStop.None], await StopsAsync());
    }

    [Fact]
    public async Task Start_TurnMustStop_Conflicts()
    {
        await CreateAsync(Make.Queued(1));
        await StopAsync(1, TurnStop.Cancel);

        await AssertConflictAsync(() => Store.StartAsync(Key, Make.Start(1)));

        await Store.EndAsync(Key, Make.End(1, attempt: 0, owner: null, recorded: false) with { Stop = TurnStop.Cancel });
        Assert.Empty((await LoadAsync()).Pending);
    }

    [Fact]
    public async Task End_OtherStopThanTheTurns_Conflicts()
    {
        await CreateAsync(Make.Running(1));
        await StopAsync(1, TurnStop.RollBack);

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1)));
        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1) with { Stop = TurnStop.Cancel }));
        await Store.EndAsync(Key, Make.End(1, recorded: false) with { Stop = TurnStop.RollBack });
        await AssertConflictAsync(() => StopAsync(1, TurnStop.RollBack));
    }

    [Fact]
    public async Task Release_TurnMustStop_KeepsTheStop()
    {
        await CreateAsync(Make.Running(1));
        await StopAsync(1, TurnStop.Cancel);

        await Store.ReleaseAsync(Key, new ReleaseStep(1, Make.Running(1).TurnId, 1, Make.Owner));

        Assert.Equal([TurnStop.Cancel], await StopsAsync());
    }

    [Fact]
    public async Task Beat_OwnerRunsTurnsThatMustStop_GetsToKnowThem()
    {
        Assert.Empty(await Store.HeartbeatAsync(Make.Owner, Lifetime));
        await CreateAsync(Make.Running(1), Make.Queued(2));
        await Store.CreateAsync(Make.Create(Make.Key("other")));
        await Store.AcceptAsync(Make.Key("other"), Make.Accept(Make.Running(1, OtherOwner) with { TurnId = "another" }));
        await StopAsync(1, TurnStop.Cancel);
        await StopAsync(2, TurnStop.Cancel);
        await Store.AcceptAsync(Make.Key("other"), Make.Accept(Make.Queued(2)) with { StopsOthers = TurnStop.RollBack });

        Assert.Equal([new StoppedTurn(Make.Running(1).TurnId, TurnStop.Cancel)], await Store.HeartbeatAsync(Make.Owner, Lifetime));
        Assert.Equal([new StoppedTurn("another", TurnStop.RollBack)], await Store.HeartbeatAsync(OtherOwner, Lifetime));

        await StopAsync(1, TurnStop.RollBack);
        Assert.Equal([new StoppedTurn(Make.Running(1).TurnId, TurnStop.RollBack)], await Store.HeartbeatAsync(Make.Owner, Lifetime));
        await Store.EndAsync(Key, Make.End(1, recorded: false) with { Stop = TurnStop.RollBack });
        Assert.Empty(await Store.HeartbeatAsync(Make.Owner, Lifetime));
    }

    [Fact]
    public async Task Heartbeat_AfterLeaving_ReturnsTheStopsThatTheOwnerDidNotGet()
    {
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await CreateAsync(Make.Running(1));
        await StopAsync(1, TurnStop.Cancel);

        await Store.LeaveAsync(Make.Owner);

        Assert.Equal([new StoppedTurn(Make.Running(1).TurnId, TurnStop.Cancel)], await Store.HeartbeatAsync(Make.Owner, Lifetime));
    }

    private Task StopAsync(long sequence, TurnStop stop) => Store.StopAsync(Key, new StopStep(sequence, Make.Queued(sequence).TurnId, stop));

    private async Task<List<TurnStop>> StopsAsync() => [.. (await LoadAsync()).Pending.Select(turn => turn.Stop)];
}
