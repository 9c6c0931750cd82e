using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Tests.Calls.Support;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class LimitTests
{
    [Fact]
    public async Task GenerateAsync_MoreCallsThanMayRun_OthersWaitInOrderOfArrival()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxConcurrentCalls = 2 }));
        var gates = new TaskCompletionSource[10];
        for (var i = 0; i < gates.Length; i++)
        {
            gates[i] = new TaskCompletionSource();
            world.Target.Enqueue(WaitsFor(gates[i].Task, "ok"));
        }

        var calls = gates.Select((_, i) => world.CallAsync($"{i}")).ToList();
        Assert.Equal((2, 8), world.Model.Calls);
        for (var i = 0; i < gates.Length; i++)
        {
            var call = await world.Target.NextCallAsync();
            Assert.Equal($"{i}", call.Request.Contents[0].Parts[0].Text);
            if (i > 0)
            {
                gates[i - 1].SetResult();
                await calls[i - 1];
            }
        }

        gates[^1].SetResult();
        await Task.WhenAll(calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_CallComesAgainAfterAFailure_GoesBeforeLaterCalls()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxConcurrentCalls = 1 }));
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(Fails(Unavailable()), WaitsFor(gate.Task, "ok"));
        var first = world.CallAsync("first");
        await world.Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit);
        var others = new[] { world.CallAsync("second"), world.CallAsync("third"), world.CallAsync("fourth") };

        await world.PassAsync();
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (world.Model.Calls != (1, 3))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        gate.SetResult();
        await Task.WhenAll(others.Append(first));
        Assert.Equal(
            ["first", "second", "first", "third", "fourth"],
            world.Target.Calls.Select(call => call.Request.Contents[0].Parts[0].Text));
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_StreamIsNotReadToItsEnd_PlaceIsKeptUntilItIsDropped()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxConcurrentCalls = 1 }));
        world.Target.Enqueue(Hangs("one"));
        var first = world.Model.GenerateAsync(Requests.Ask("first"), default).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        var upstream = await world.Target.NextCallAsync();

        var second = world.CallAsync();
        Assert.Equal((1, 1), world.Model.Calls);
        await first.DisposeAsync();

        Assert.Equal("ok", await second);
        await upstream.Ended;
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_MoreCallsThanAMinuteMayHave_WaitUntilTheFirstIsAMinuteOld()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxCallsPerMinute = 2 }));
        await world.CallAsync();
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await world.CallAsync();
        world.Time.Advance(TimeSpan.FromSeconds(10));

        var third = world.CallAsync("third");
        var fourth = world.CallAsync("fourth");
        Assert.Equal(TimeSpan.FromSeconds(40), await world.PassAsync());
        await third;
        Assert.Equal(3, world.Target.Calls.Count);
        Assert.Equal(TimeSpan.FromSeconds(10), await world.PassAsync());
        await fourth;

        Assert.Equal([0, 10, 60, 70], world.Target.Calls.Select(call => (call.Time - world.Target.Calls[0].Time).TotalSeconds));
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_LineIsFull_FailsAtOnceWithADelay()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxConcurrentCalls = 1, MaxWaitingCalls = 1 }));
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(WaitsFor(gate.Task, "first"));
        var first = world.CallAsync();
        var second = world.CallAsync();

        var failure = await world.FailAsync();

        Assert.Equal((Code.ResourceExhausted, ModelErrorReasons.Overloaded), (failure.Code, failure.Reason));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        gate.SetResult();
        Assert.Equal(("first", "ok"), (await first, await second));
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_WaitingForAnAttemptToEnd_IsBoundedByTheTurnsTime()
    {
        using var world = new CallWorld(Limited(new CallLimitOptions { MaxConcurrentCalls = 1 }));
        var gate = new TaskCompletionSource();
        world.Target.Enqueue(WaitsFor(gate.Task, "first"));
        var first = world.CallAsync();

        var failing = world.FailAsync(turnAge: TimeSpan.FromHours(9.5));
        Assert.Equal(TimeSpan.FromHours(0.5), await world.PassAsync());

        Assert.Equal(ModelErrorReasons.Timeout, (await failing).Reason);
        gate.SetResult();
        await first;
        Assert.Single(world.Target.Calls);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_OneCallIsRefused_OthersAreHeldBackUntilThen()
    {
        using var world = new CallWorld();
        world.Target.Enqueue(Fails(Quota(TimeSpan.FromSeconds(30))));
        var refused = world.CallAsync();
        await world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(30)).WaitAsync(Patience.Limit);

        var others = Enumerable.Range(0, 20).Select(i => world.CallAsync($"{i}")).ToList();
        Assert.Equal((0, 20), world.Model.Targets[0].Calls);
        world.Time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal((0, 20), world.Model.Targets[0].Calls);
        world.Time.Advance(TimeSpan.FromTicks(1));

        await Task.WhenAll(others.Append(refused));
        Assert.All(world.Target.Calls.Skip(1), call => Assert.Equal(TimeSpan.FromSeconds(30), call.Time - world.Target.Calls[0].Time));
        Assert.Single(world.Log.Events, "HeldBack");
        world.AssertNothingIsLeft();
    }

    private static ModelRoute Limited(CallLimitOptions limits) => CallWorld.Patient with { Limits = limits };
}
