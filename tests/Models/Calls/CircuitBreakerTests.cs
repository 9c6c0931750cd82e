using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class CircuitBreakerTests
{
    private static readonly CircuitBreakerOptions Breaker = new() { MinimumThroughput = 4, BreakDuration = TimeSpan.FromSeconds(15) };

    private static readonly ModelRoute Once = CallWorld.Patient with { CircuitBreaker = Breaker, Retry = new RetryOptions { MaxAttempts = 1 } };

    [Fact]
    public async Task GenerateAsync_TargetFailsOften_IsLeftAloneThenTriedOnceThenCalledAgain()
    {
        using var world = new CallWorld(Once);
        await OpenAsync(world, Unavailable());
        Assert.Contains("BreakerOpened", world.Log.Events);

        world.Time.Advance(TimeSpan.FromSeconds(5));
        var failure = await world.FailAsync();
        Assert.Equal(
            (Code.Unavailable, ModelErrorReasons.Unavailable, TimeSpan.FromSeconds(10)), (failure.Code, failure.Reason, failure.RetryDelay));
        Assert.Equal(4, world.Target.Calls.Count);

        // Half open: one call goes through, others do not meanwhile.
        world.Time.Advance(TimeSpan.FromSeconds(10));
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(WaitsFor(gate.Task, "late"));
        var probe = world.CallAsync();
        Assert.NotNull((await world.FailAsync()).RetryDelay);
        Assert.Equal(5, world.Target.Calls.Count);

        gate.SetResult();
        Assert.Equal("late", await probe);
        Assert.Contains("BreakerClosed", world.Log.Events);
        Assert.Equal("ok", await world.CallAsync());
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_TheOneTryFails_TargetIsLeftAloneAgain()
    {
        using var world = new CallWorld(Once);
        await OpenAsync(world, Unavailable());
        world.Time.Advance(Breaker.BreakDuration);
        world.Target.Enqueue(Fails(Unavailable()));

        await world.FailAsync();

        Assert.Equal(Breaker.BreakDuration, (await world.FailAsync()).RetryDelay);
        Assert.Equal(5, world.Target.Calls.Count);
    }

    [Fact]
    public async Task GenerateAsync_TheOneTryIsCancelled_SaysNothingForTheTarget()
    {
        using var world = new CallWorld(Once);
        await OpenAsync(world, Unavailable());
        world.Time.Advance(Breaker.BreakDuration);
        world.Target.Enqueue(Hangs());
        using var cancel = new CancellationTokenSource();

        var probe = world.CallAsync(cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);

        Assert.Equal(Breaker.BreakDuration, (await world.FailAsync()).RetryDelay);
    }

    [Fact]
    public async Task GenerateAsync_QuotaAndBadRequests_DoNotCount()
    {
        using var world = new CallWorld(Once);
        foreach (var failure in new[] { Quota(), Invalid(), Credentials(), Answers.NotFound() })
        {
            world.Target.Enqueue(Fails(failure), Fails(failure));
            await world.FailAsync();
            await world.FailAsync();
        }

        Assert.Equal("ok", await world.CallAsync());
    }

    [Fact]
    public async Task GenerateAsync_HalfOfTheCallsSucceed_RatioDecides()
    {
        using var world = new CallWorld(Once with { CircuitBreaker = Breaker with { FailureRatio = 0.6 } });
        for (var i = 0; i < 10; i++)
        {
            world.Target.Enqueue(Text("ok"), Fails(Unavailable()));
            await world.CallAsync();
            await world.FailAsync();
        }

        Assert.Equal(20, world.Target.Calls.Count);
    }

    [Fact]
    public async Task GenerateAsync_FirstTargetIsLeftAlone_NextOneIsCalled()
    {
        using var world = new CallWorld(CallWorld.TwoTargets with { CircuitBreaker = Breaker });
        world.Targets[0].Otherwise = Fails(Unavailable());
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("ok", await world.CallAsync());
        }

        Assert.Equal((4, 10), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
    }

    [Fact]
    public async Task GenerateAsync_AllTargetsAreLeftAlone_FailsWithTheDelayOfTheSoonest()
    {
        using var world = new CallWorld(
            CallWorld.TwoTargets with { CircuitBreaker = Breaker, Retry = new RetryOptions { MaxAttempts = 1 } });
        world.Targets[0].Otherwise = Fails(Unavailable());
        await Repeat(4, () => world.CallAsync());
        world.Time.Advance(TimeSpan.FromSeconds(6));
        world.Targets[1].Otherwise = Fails(Unavailable());
        await Repeat(4, () => world.FailAsync());

        var failure = await world.FailAsync();

        Assert.Equal((Code.Unavailable, TimeSpan.FromSeconds(9)), (failure.Code, failure.RetryDelay));
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_OnlyTargetIsLeftAlone_RetryWaitsForIt()
    {
        using var world = new CallWorld(CallWorld.Patient with { CircuitBreaker = Breaker with { MinimumThroughput = 2 } });
        world.Target.Enqueue(Fails(Unavailable()), Fails(Unavailable()));

        var calling = world.CallAsync();
        await world.PassAsync();

        var second = await world.PassAsync();
        var third = await world.PassAsync();
        Assert.Equal("ok", await calling);
        Assert.True(second + third >= Breaker.BreakDuration);
        Assert.Equal(3, world.Target.Calls.Count);
    }

    private static async Task OpenAsync(CallWorld world, ModelException failure)
    {
        for (var i = 0; i < Breaker.MinimumThroughput; i++)
        {
            world.Target.Enqueue(Fails(failure));
            Assert.Same(failure, await world.FailAsync());
        }
    }

    private static async Task Repeat(int times, Func<Task> action)
    {
        for (var i = 0; i < times; i++)
        {
            await action();
        }
    }
}
