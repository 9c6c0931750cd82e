using GenAI.Chats.Models.Tests.Calls.Support;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;

namespace GenAI.Chats.Models.Tests.Calls;

public sealed class FailoverTests
{
    public static TheoryData<ModelException, bool> Failures => new()
    {
        { Unavailable(), true },
        { Quota(), true },
        { Answers.Timeout(), true },
        { Credentials(), true },
        { Answers.NotFound(), true },
        { Invalid(), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task GenerateAsync_FirstTargetFails_NextOneAnswersIfItCouldHealThat(ModelException failure, bool failsOver)
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(failure));

        if (failsOver)
        {
            Assert.Equal("ok", await world.CallAsync());
            Assert.Contains("FailedOver: Route route-*: failing over from first to second", world.Log.Text);
        }
        else
        {
            Assert.Same(failure, await world.FailAsync());
        }

        Assert.Single(world.Targets[0].Calls);
        Assert.Equal(failsOver ? 1 : 0, world.Targets[1].Calls.Count);
        world.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_AllIsWell_OnlyTheFirstTargetIsCalled()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);

        await world.CallAsync();
        await world.CallAsync(stream: false);

        Assert.Equal(2, world.Targets[0].Calls.Count);
        Assert.Empty(world.Targets[1].Calls);
    }

    [Fact]
    public async Task GenerateAsync_FailsAfterContent_NoOtherTargetIsCalled()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Unavailable(), "one"));

        await world.FailAsync();

        Assert.Empty(world.Targets[1].Calls);
    }

    [Fact]
    public async Task GenerateAsync_TargetWithAModelNameOfItsOwn_IsCalledByIt()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Unavailable()));

        await world.CallAsync();

        Assert.Equal("model-1", world.Targets[0].Calls[0].Request.Model);
        Assert.Equal("route-1", world.Targets[1].Calls[0].Request.Model);
    }

    [Fact]
    public async Task GenerateAsync_AllTargetsFail_AreTriedInOrderInEachAttempt()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Unavailable()));
        world.Targets[1].Enqueue(Fails(Answers.Timeout()));

        var calling = world.CallAsync();
        var wait = await world.PassAsync();

        Assert.Equal("ok", await calling);
        Assert.InRange(wait, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal(2, world.Targets[0].Calls.Count);
        Assert.Single(world.Targets[1].Calls);
    }

    [Fact]
    public async Task GenerateAsync_TargetWithABadKey_IsNotTriedAgainForTheSameCall()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Otherwise = Fails(Credentials());
        world.Targets[1].Enqueue(Fails(Unavailable()));

        var calling = world.CallAsync();
        await world.PassAsync();

        Assert.Equal("ok", await calling);
        Assert.Single(world.Targets[0].Calls);
        Assert.Equal(2, world.Targets[1].Calls.Count);
    }

    [Fact]
    public async Task GenerateAsync_TargetThatStandsInCannotTakeTheRequest_FirstOneIsTriedAgain()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Unavailable()), Fails(Unavailable()));
        world.Targets[1].Otherwise = Fails(Invalid());

        var calling = world.CallAsync();
        await world.PassAsync();
        await world.PassAsync();

        Assert.Equal("ok", await calling);
        Assert.Equal((3, 1), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
    }

    [Fact]
    public async Task GenerateAsync_NoTargetTakesTheKey_FailsWithThat()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Otherwise = Fails(Credentials());
        world.Targets[1].Otherwise = Fails(Credentials());

        Assert.Equal(ModelErrorReasons.Credentials, (await world.FailAsync()).Reason);
        Assert.Equal((1, 1), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
    }

    [Fact]
    public async Task GenerateAsync_TargetIsHeldBack_IsPassedOverUntilThen()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Quota(TimeSpan.FromSeconds(30))));

        await world.CallAsync();
        await world.CallAsync();
        Assert.Equal((1, 2), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
        world.Time.Advance(TimeSpan.FromSeconds(30));
        await world.CallAsync();

        Assert.Equal((2, 2), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
    }

    [Fact]
    public async Task GenerateAsync_AllTargetsAreHeldBack_WaitsForTheSoonest()
    {
        using var world = new CallWorld(CallWorld.TwoTargets);
        world.Targets[0].Enqueue(Fails(Quota(TimeSpan.FromSeconds(30))));
        world.Targets[1].Enqueue(Fails(Quota(TimeSpan.FromSeconds(20))));
        var first = world.CallAsync();
        await world.Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit);

        var second = world.CallAsync();
        var wait = await world.PassAsync();

        Assert.Equal(TimeSpan.FromSeconds(20), wait);
        await first;
        await second;
        Assert.Equal((1, 3), (world.Targets[0].Calls.Count, world.Targets[1].Calls.Count));
    }
}
