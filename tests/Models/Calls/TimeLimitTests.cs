using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class TimeLimitTests
{
    // The total is longer than an hour, so that PassAsync waits for a limit between chunks even if the model's call has begun and its limit is not yet set.
    private static readonly CallTimeoutOptions Limits = new()
    {
        FirstChunk = TimeSpan.FromSeconds(20),
        BetweenChunks = TimeSpan.FromSeconds(10),
        Total = TimeSpan.FromHours(3),
    };

    private static readonly ModelRoute Once = CallWorld.Patient with { Timeouts = Limits, Retry = new RetryOptions { MaxAttempts = 1 } };

    [Fact]
    public async Task GenerateAsync_NoChunkComes_StallsAndEndsTheModelsCall()
    {
        using var world = new CallWorld(Once);
        world.Target.Enqueue(Hangs());

        var failing = world.FailAsync();
        var call = await world.Target.NextCallAsync();
        Assert.Equal(Limits.FirstChunk, await world.PassAsync());

        AssertStalled(await failing);
        Assert.True(call.Token.IsCancellationRequested);
        await call.Ended;
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_NoMoreChunkComes_StallsAfterWhatCame()
    {
        using var world = new CallWorld(Once with { Retry = new RetryOptions() });
        world.Target.Enqueue(Hangs("one", "two"));

        var failing = world.FailAsync();
        await world.Target.NextCallAsync();
        Assert.Equal(Limits.BetweenChunks, await world.PassAsync());

        AssertStalled(await failing);
        Assert.Single(world.Target.Calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_StallsBeforeContent_IsCalledAgain()
    {
        using var world = new CallWorld(Once with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        world.Target.Enqueue(Hangs(), Hangs(""));

        var calling = world.CallAsync();
        Assert.Equal(Limits.FirstChunk, await world.PassAsync());
        await world.Target.NextCallAsync();
        await world.Target.NextCallAsync();
        Assert.Equal(Limits.BetweenChunks, await world.PassAsync());

        Assert.Equal("ok", await calling);
        Assert.Equal(3, world.Target.Calls.Count);
    }

    [Fact]
    public async Task GenerateAsync_FirstTargetStalls_NextOneIsCalled()
    {
        using var world = new CallWorld(CallWorld.TwoTargets with { Timeouts = Limits });
        world.Targets[0].Enqueue(Hangs());

        var calling = world.CallAsync();
        await world.PassAsync();

        Assert.Equal("ok", await calling);
        Assert.Single(world.Targets[1].Calls);
    }

    [Fact]
    public async Task GenerateAsync_EachChunkInTime_MayTakeLongerThanTheLimits()
    {
        using var world = new CallWorld(Once);
        var gates = Enumerable.Range(0, 8).Select(_ => new TaskCompletionSource()).ToArray();
        world.Target.Enqueue(cancellationToken => gates.ToAsyncEnumerable().Select(async (gate, _, _) =>
        {
            await gate.Task.WaitAsync(cancellationToken);
            return Chunk("x", "STOP");
        }));

        var calling = world.CallAsync();
        foreach (var gate in gates)
        {
            await world.Time.WaitForTimerAsync(Limits.FirstChunk).WaitAsync(Patience.Limit);
            world.Time.Advance(Limits.BetweenChunks - TimeSpan.FromTicks(1));
            var next = world.Time.TimersChanged;
            gate.SetResult();
            await Task.WhenAny(next, calling).WaitAsync(Patience.Limit);
        }

        Assert.Equal(string.Join('|', gates.Select(_ => "x")), await calling);
    }

    [Fact]
    public async Task GenerateAsync_Unary_MayTakeTheWholeTime()
    {
        using var world = new CallWorld(Once);
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(WaitsFor(gate.Task, "late"));

        var calling = world.CallAsync(stream: false);
        await world.Target.NextCallAsync();
        world.Time.Advance(Limits.Total - TimeSpan.FromTicks(1));
        gate.SetResult();

        Assert.Equal("late", await calling);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_TurnsTimeIsOver_FailsAndEndsTheModelsCall(bool stream)
    {
        using var world = new CallWorld(Once with { Timeouts = CallWorld.Patient.Timeouts });
        world.Target.Enqueue(Hangs());

        var failing = world.FailAsync(stream: stream, turnAge: TimeSpan.FromHours(9.5));
        var call = await world.Target.NextCallAsync();
        Assert.Equal(TimeSpan.FromHours(0.5), await world.PassAsync());

        AssertTimedOut(await failing);
        await call.Ended;
        world.AssertNothingIsLeft();
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-24)]
    public async Task GenerateAsync_ClockIsSet_TheTurnsTimeStaysTheSame(int hours)
    {
        using var world = new CallWorld(Once with { Timeouts = CallWorld.Patient.Timeouts });
        world.Target.Enqueue(Hangs());
        world.Time.SetClock(TimeSpan.FromHours(hours));

        var failing = world.FailAsync(turnAge: TimeSpan.FromHours(9.5));
        await world.Target.NextCallAsync();
        world.Time.SetClock(TimeSpan.FromHours(hours));

        Assert.Equal(TimeSpan.FromHours(0.5), await world.PassAsync());
        AssertTimedOut(await failing);
    }

    [Fact]
    public async Task GenerateAsync_TurnsTimeIsOverAfterContent_FailsAfterWhatCame()
    {
        using var world = new CallWorld(Once with { Timeouts = Limits with { Total = TimeSpan.FromSeconds(5) } });
        world.Target.Enqueue(Hangs("one"));

        var failing = world.FailAsync();
        await world.Target.NextCallAsync();
        await world.PassAsync();

        AssertTimedOut(await failing);
    }

    [Fact]
    public async Task GenerateAsync_TurnsTimeIsOverBeforehand_TheModelIsNotCalled()
    {
        using var world = new CallWorld(Once);

        AssertTimedOut(await world.FailAsync(turnAge: Limits.Total));

        Assert.Empty(world.Target.Calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_NextAttemptWouldBeTooLate_FailsAsTheModelDid()
    {
        var retry = new RetryOptions { BaseDelay = TimeSpan.FromMinutes(2), MaxDelay = TimeSpan.FromHours(1) };
        using var world = new CallWorld(Once with { Retry = retry, Timeouts = Limits with { Total = TimeSpan.FromMinutes(3) } });
        var failure = Unavailable();
        world.Target.Enqueue(Fails(failure));

        Assert.Same(failure, await world.FailAsync(turnAge: TimeSpan.FromMinutes(1)));
    }

    private static void AssertStalled(ModelException failure) =>
        Assert.Equal((Code.DeadlineExceeded, ModelErrorReasons.Stalled), (failure.Code, failure.Reason));

    private static void AssertTimedOut(ModelException failure) =>
        Assert.Equal((Code.DeadlineExceeded, ModelErrorReasons.Timeout), (failure.Code, failure.Reason));
}
